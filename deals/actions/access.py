"""Fetch an introduction under lock for an action, and tell the others."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.queries.organisations import people_with
from deals import states
from deals.models import Introduction, Side
from deals.queries.visibility import sides_of, visible_to
from deals.rules import BROKER_ROLES, PARTY_ROLES
from events.actions import notify
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, Stale
from marketplace.core.gates import lock


def locked(introduction_id: int) -> Introduction:
    """The row, locked until the transaction ends. Raises NotFound."""
    return lock(Introduction.objects.all(), introduction_id)


def locked_for(
    actor: Actor,
    introduction_id: int,
    *,
    side: str = "",
    among: Iterable[str] = (Side.NEED, Side.TECHNOLOGY, Side.BROKER),
    expected_version: int | None = None,
    may_be_closed: bool = False,
) -> tuple[Introduction, str]:
    """The locked introduction and the side that the actor speaks for.

    side: wanted by somebody who belongs to several. Raises NotFound for outsiders, Refused when
    the actor's side may not do this, Conflict once it is closed, Stale for an older version.
    """
    if not visible_to(actor).filter(pk=introduction_id).exists():
        raise NotFound
    introduction = locked(introduction_id)
    mine = [one for one in sides_of(introduction, actor) if one in set(among)]
    chosen = side or next(iter(mine), "")
    if chosen not in mine:
        raise Refused("not_your_side", _("This is for another side of the introduction to do."))
    if expected_version is not None and expected_version != introduction.version:
        raise Stale(
            "stale_version",
            _("The introduction has changed since you opened it. Reload it, then try again."),
        )
    if introduction.state == states.CLOSED and not may_be_closed:
        raise Conflict("closed", _("This introduction is closed. Nothing more can be done in it."))
    return introduction, chosen


def touch(introduction: Introduction, *names: str) -> None:
    """Store changed fields and raise the version."""
    introduction.version += 1
    introduction.save(update_fields=["version", "updated_at", *names])


def organisation_ids(introduction: Introduction) -> list[int | None]:
    """Whose events these are."""
    return [
        introduction.need_party_id,
        introduction.technology_party_id,
        introduction.broker_organisation_id,
    ]


def tell(
    introduction: Introduction,
    kind: str,
    sides: Iterable[str],
    *,
    actor: Actor,
    key: str = "",
    skip: frozenset[int] = frozenset(),
    params: Mapping[str, Any] | None = None,
) -> None:
    """Notify the people of these sides, but for the actor, each with the title it may read."""
    for side in sides:
        organisation_id = introduction.party_id(side)
        if organisation_id is None:
            continue
        roles = BROKER_ROLES if side == Side.BROKER else PARTY_ROLES
        people = set(people_with(organisation_id, *roles)) - {actor.user_id} - skip
        if side == Side.BROKER and introduction.broker_id:
            people &= {introduction.broker_id}
        notify(
            people, kind, url=introduction.get_absolute_url(), key=key,
            params={**title_for(introduction, side), **(params or {})},
        )  # fmt: skip


def title_for(introduction: Introduction, side: str) -> dict[str, str]:
    """A party is told its own listing's title; a broker the need's, where the market shows it."""
    listing = introduction.listing_of(Side.NEED if side == Side.BROKER else side)
    if side == Side.BROKER and listing.visibility == Tier.CONFIDENTIAL:
        listing = introduction.technology
        if listing.visibility == Tier.CONFIDENTIAL:
            return {"title_en": introduction.public_id, "title_zh": introduction.public_id}
    return {"title_en": listing.title_en, "title_zh": listing.title_zh}


def others(side: str) -> list[str]:
    """All sides but one."""
    return [one.value for one in Side if one.value != side]
