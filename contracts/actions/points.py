"""Settings of a registration point."""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts import event_kinds
from contracts.models import NumberSequence, PointSettings
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused
from marketplace.core.forms import invalid_from


def settings_for(point: Organisation) -> PointSettings:
    """The point's settings, made with defaults on first use.

    Raises Conflict `point_without_code` when its region is missing or taken by another point:
    numbers of two points would then collide.
    """
    found = PointSettings.objects.filter(point=point).first()
    if found is not None:
        return found
    if len(point.region) == 6:
        try:
            with transaction.atomic():
                return PointSettings.objects.create(point=point, code=point.region)
        except IntegrityError:
            found = PointSettings.objects.filter(point=point).first()  # made at the same moment
            if found is not None:
                return found
    raise Conflict(
        "point_without_code",
        _("The registration point has no code of its own for its numbers. Its owner must set one "
          "in the settings of the desk."),
    )  # fmt: skip


@transaction.atomic
def change_point(
    *,
    actor: Actor,
    point_id: int,
    code: str,
    decision_days: int | None,
    large_decision_days: int | None,
    closed_days: Sequence[dt.date] = (),
    opened_days: Sequence[dt.date] = (),
) -> PointSettings:
    """Change how a point works. The code is fixed once a number has been given.

    Deadlines that already run keep their day. Raises Invalid, Refused unless the actor owns the
    point, Conflict `code_in_use`.
    """
    point = Organisation.objects.filter(pk=point_id, is_registration_point=True).first()
    if point is None or not actor.can(point_id, "registrar"):
        raise NotFound
    if not actor.can(point_id, "owner"):
        raise Refused("owners_only", _("Only owners of the registration point may do this."))
    settings = PointSettings.objects.select_for_update().filter(point=point).first()
    settings = settings or PointSettings(point=point)
    if (
        settings.pk
        and settings.code != code
        and NumberSequence.objects.filter(point=point).exists()
    ):
        raise Conflict("code_in_use", _("Numbers with this code were already given."))
    settings.code = code
    settings.decision_days = decision_days
    settings.large_decision_days = large_decision_days
    settings.closed_days = sorted(set(closed_days))
    settings.opened_days = sorted(set(opened_days))
    try:
        settings.full_clean(exclude={"point"})
    except ValidationError as error:
        raise invalid_from(error) from None
    settings.save()
    record(
        event_kinds.POINT_CHANGED, actor=actor, obj=point, organisation_ids=[point.pk],
        data={"code": code, "days": [decision_days, large_decision_days]},
    )  # fmt: skip
    return settings
