"""Fetch a referral under lock, refuse what is out of date, keep what happened, tell the sides."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from accounts.models import AllianceMember
from accounts.queries.organisations import people_with
from deals import referral_states as states
from deals.models import Referral
from deals.queries.referrals import side_of, visible_to
from deals.rules import CASE_ROLES
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, Stale
from marketplace.core.gates import lock


def locked(
    actor: Actor, referral_id: int, move: str, *, side: Iterable[str] = (),
    expected_version: int | None = None,
) -> Referral:  # fmt: skip
    """The row, locked until the transaction ends.

    side: who may do it, of deals.queries.referrals; anybody who may read it when empty. Raises
    NotFound for outsiders, Refused for a reader who is not that side, Stale, and Conflict when the
    state does not allow the move.
    """
    if not visible_to(actor).filter(pk=referral_id).exists():
        raise NotFound
    referral = lock(Referral.objects.all(), referral_id)
    wanted = tuple(side)
    if wanted and not actor.is_system and side_of(referral, actor) not in wanted:
        raise Refused(
            "not_a_party", _("Only people of the two institutions who read the case may do this.")
        )
    if expected_version is not None and expected_version != referral.version:
        raise Stale(
            "stale_version", _("The referral has changed since you opened it. Look at it again.")
        )
    if move not in states.TRANSITIONS.allowed(referral.state):
        raise Conflict(
            "wrong_state",
            _("This step is not possible: the referral is “%(state)s”.")
            % {"state": referral.get_state_display()},
        )
    return referral


def keep(referral: Referral, kind: str, *names: str, actor: Actor, **data: Any) -> None:
    """Store changed fields, raise the version, write the event: ids and states, no words."""
    referral.version += 1
    referral.save(update_fields=["version", "updated_at", *names])
    record(
        kind, actor=actor, obj=referral,
        organisation_ids=[referral.publisher_id, referral.carrier_id],
        after={"state": referral.state}, data={"version": referral.version, **data},
    )  # fmt: skip


def member_locked(alliance_id: int, organisation_id: int) -> None:
    """Hold the membership, so that leaving waits. Raises Conflict for who is no member, or no
    verified institution any more."""
    found = AllianceMember.objects.select_for_update(of=("self",)).filter(
        alliance_id=alliance_id, organisation_id=organisation_id,
        state=AllianceMember.State.MEMBER, organisation__kind="tti",
        organisation__verified_at__isnull=False,
    )  # fmt: skip
    if not found:
        raise Conflict("not_a_member", _("Your institution is no member of this alliance."))


def tell(
    referral: Referral, kind: str, organisation_id: int | None, actor: Actor, **params: Any
) -> None:
    """People of one institution who work with cases; of the referral its own title alone."""
    if organisation_id is None:
        return
    notify(
        set(people_with(organisation_id, *CASE_ROLES)) - {actor.user_id}, kind,
        url=referral.get_absolute_url(), params={"title": referral.title, **params},
        key=f"{referral.public_id}-{params.get('due') or referral.version}",
    )  # fmt: skip


def name_of(actor: Actor) -> str:
    """Of the person who acts, as an agreement keeps it."""
    if actor.user_id is None:
        return ""
    user = get_user_model().objects.filter(pk=actor.user_id).first()
    return str(user)[:150] if user else ""
