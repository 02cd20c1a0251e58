"""Fetch a gathering under lock, refuse what is not possible now, keep what happened, tell."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import gathering_states as states
from deals.models import Gathering, PlaceState
from deals.queries.gatherings import place_of, roles_of, visible_to
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Message, NotFound, Refused, Stale
from marketplace.core.gates import lock

# (action, phase) -> why it cannot be done then; the others are told the state
_WHY: dict[tuple[str, str], Message] = {
    ("hold", states.COMING): _("It has not begun yet. Close it after its end."),
    ("hold", states.RUNNING): _("It is not over yet. Close it after its end."),
    ("mark", states.COMING): _("It has not begun yet. Mark who attended from its start on."),
    ("register", states.OVER): _("It is over."),
    ("register", states.CANCELLED): _("It was cancelled."),
    ("withdraw", states.RUNNING): _("It has begun; places can no longer be given back."),
    ("withdraw", states.OVER): _("It is over."),
    ("write", states.OVER): _("It is over and can no longer be changed."),
}


def locked(
    actor: Actor, gathering_id: int, action: str, *, expected_version: int | None = None
) -> Gathering:
    """The row, locked until the transaction ends.

    action: one of deals.gathering_states.RULES. Raises NotFound for whoever does not see it,
    Refused for a reader whose step it is not, Conflict when it cannot be done now, Stale.
    """
    if not visible_to(actor).filter(pk=gathering_id).exists():
        raise NotFound
    row = lock(Gathering.objects.all(), gathering_id)
    refuse(row, actor, action)
    if expected_version is not None and expected_version != row.version:
        raise Stale(
            "stale_version", _("The gathering has changed since you opened it. Look at it again.")
        )
    return row


def refuse(row: Gathering, actor: Actor, action: str) -> None:
    """Raise why not, if not. Asked under the lock."""
    now = timezone.now()
    phase = row.phase(now)
    roles = roles_of(row, actor, place_of(row, actor))
    why = states.refusal(action, roles=roles, phase=phase, is_open=row.is_open(now))
    if why == "role":
        if action == "withdraw":
            raise Conflict("no_place", _("You have no place here."))
        raise Refused("not_yours", _("This step is for the institution that organises it."))
    if why == "closed":
        raise Conflict("closed", _("Registration has closed."))
    if why == "state":
        told = _WHY.get((action, phase)) or _(
            "This step is not possible: the gathering is “%(state)s”."
        ) % {"state": row.get_state_display()}
        raise Conflict("wrong_state", told)


def keep(row: Gathering, kind: str, *names: str, actor: Actor, **data: Any) -> None:
    """Store changed fields, raise the version, write the event: ids and states, no words."""
    row.version += 1
    row.save(update_fields=["version", "updated_at", *names])
    note(row, kind, actor=actor, **data)


def note(row: Gathering, kind: str, *, actor: Actor, **data: Any) -> None:
    """The event alone: what happened to a place leaves the gathering as it was."""
    record(
        kind, actor=actor, obj=row, organisation_ids=[row.institution_id],
        after={"state": row.state}, data={"version": row.version, **data},
    )  # fmt: skip


def when(row: Gathering) -> str:
    """Its start for a notice, by the market's clock."""
    zone = timezone.get_default_timezone()
    return timezone.localtime(row.starts_at, zone).strftime("%Y-%m-%d %H:%M")


def tell(
    row: Gathering, kind: str, *, key: str, people: Iterable[int] | None = None,
    has_waiting: bool = False, **params: Any,
) -> None:  # fmt: skip
    """People with a place, or those given; of the gathering they are told only its start."""
    if people is None:
        among = [PlaceState.REGISTERED, *([PlaceState.WAITING] if has_waiting else [])]
        people = row.places.filter(
            state__in=among, person__isnull=False, person__is_active=True
        ).values_list("person_id", flat=True)  # fmt: skip
    notify(
        [pk for pk in people if pk], kind, url=row.get_absolute_url(),
        params={"when": when(row), **params}, key=f"{row.public_id}-{key}",
    )  # fmt: skip
