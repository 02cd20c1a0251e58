"""Fetch a request for help under lock, refuse what is out of date, keep what happened, tell."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import AllianceMember
from accounts.queries.organisations import people_with
from deals import request_states as states
from deals.models import LocatorRequest
from deals.queries.requests import sides_of, visible_to
from deals.rules import CASE_ROLES
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, Stale
from marketplace.core.gates import lock


def locked(
    actor: Actor, request_id: int, move: str, *, side: Iterable[str],
    expected_version: int | None = None,
) -> LocatorRequest:  # fmt: skip
    """The row, locked until the transaction ends.

    side: who may do it, of deals.queries.requests. Raises NotFound for outsiders, Refused for a
    reader who is not that side, Conflict when the state does not allow the move, Stale.
    """
    if not visible_to(actor).filter(pk=request_id).exists():
        raise NotFound
    row = lock(LocatorRequest.objects.all(), request_id)
    if not actor.is_system and not sides_of(row, actor) & frozenset(side):
        raise Refused("not_a_party", _("This step is not yours in this request."))
    if move not in states.TRANSITIONS.allowed(row.state):
        raise Conflict(
            "wrong_state",
            _("This step is not possible: the request is “%(state)s”.")
            % {"state": row.get_state_display()},
        )
    if expected_version is not None and expected_version != row.version:
        raise Stale(
            "stale_version", _("The request has changed since you opened it. Look at it again.")
        )
    return row


def keep(
    row: LocatorRequest, kind: str, *names: str, actor: Actor, internal: bool = False, **data: Any
) -> None:
    """Store changed fields, raise the version, write the event: ids and states, no words.

    internal: the asker's organisation is not told, nor its webhooks.
    """
    row.version += 1
    row.save(update_fields=["version", "updated_at", *names])
    record(
        kind, actor=actor, obj=row,
        organisation_ids=[None if internal else row.asker_id, row.institution_id],
        after={"state": row.state}, data={"version": row.version, **data},
    )  # fmt: skip


def tell_asker(row: LocatorRequest, kind: str, actor: Actor) -> None:
    """The person who asked, without a word of the request."""
    if row.asked_by_id and row.asked_by_id != actor.user_id:
        notify(
            [row.asked_by_id], kind, url=row.get_absolute_url(),
            key=f"{row.public_id}-{row.version}",
        )  # fmt: skip


def tell_addressed(
    row: LocatorRequest, kind: str, actor: Actor, *, key: str = "", **params: Any
) -> None:
    """People who work with cases at the institution, or at each of the alliance's while none has
    it; without a word of the request."""
    people: set[int] = set()
    for organisation_id in _addressed(row):
        people |= set(people_with(organisation_id, *CASE_ROLES))
    notify(
        people - {actor.user_id or 0}, kind, url=row.get_absolute_url(), params=params,
        key=f"{row.public_id}-{key or row.version}",
    )  # fmt: skip


def _addressed(row: LocatorRequest) -> list[int]:
    if row.institution_id is not None:
        return [row.institution_id]
    members = AllianceMember.objects.filter(
        alliance=row.alliance_id, state=AllianceMember.State.MEMBER, organisation__kind="tti",
        organisation__verified_at__isnull=False,
    ).exclude(organisation=row.asker_id)  # fmt: skip
    return list(members.order_by("pk").values_list("organisation_id", flat=True))
