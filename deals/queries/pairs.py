"""An introduction as one reader sees it: the pair, the parties, what is released, whose turn it is.

The only builder of what pages, API and notices show of the two sides. A listing comes from
listings.disclosure, a party's name is shown when that reader may know it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.models import Organisation
from deals.models import (
    Enquiry,
    Introduction,
    IntroductionMessage,
    NdaAcceptance,
    Side,
    other_party,
)
from deals.nda import NdaText
from deals.queries.nda import text_of
from deals.queries.visibility import sides_of
from deals.steps import Facts, Step, next_steps
from listings.disclosure import Disclosed, disclosed_many
from listings.models import DisclosureGrant
from listings.models.listings import Tier
from marketplace.core.actor import Actor
from marketplace.core.bilingual import Text, pick

PARTIES = (Side.NEED.value, Side.TECHNOLOGY.value)


@dataclass(frozen=True, slots=True)
class Party:
    """A side as the reader knows it; without the right to its name all names are ""."""

    side: str
    is_own: bool
    is_known: bool
    public_id: str = ""
    name_en: str = ""
    name_zh: str = ""

    def name(self, language: str) -> Text:
        return pick(self, "name", language)


@dataclass(frozen=True, slots=True)
class Release:
    """What one party has opened to the other beyond what the market shows."""

    tier: str = Tier.PUBLIC.value
    shows_owner: bool = False

    @property
    def has_details(self) -> bool:
        return self.tier == Tier.CONFIDENTIAL


@dataclass(frozen=True)
class Pair:
    """One introduction for one reader. need and technology are None where the reader may not
    know of the listing; releases: side -> what it opened to the other party."""

    introduction: Introduction
    sides: list[str]
    need: Disclosed | None
    technology: Disclosed | None
    parties: dict[str, Party]
    releases: dict[str, Release]
    nda: dict[str, NdaAcceptance]
    nda_text: NdaText
    last_side: str
    has_spoken: frozenset[str]
    steps: list[Step] = field(default_factory=list)

    @property
    def side(self) -> str:
        """For whom the reader speaks first: a party before the broker; "" for nobody."""
        return self.sides[0] if self.sides else ""

    @property
    def enquiry(self) -> Enquiry | None:
        """What went with it when one side asked without its name."""
        return getattr(self.introduction, "enquiry", None)

    @property
    def nda_in_force(self) -> bool:
        return all(side in self.nda for side in PARTIES)

    @property
    def my_turn(self) -> list[Step]:
        """What waits for the reader."""
        return [step for step in self.steps if step.side in self.sides]

    @property
    def tasks(self) -> list[Step]:
        """What waits for the reader, and what it may do at any time; the contract has a button of
        its own."""
        return [step for step in self.my_turn if step.code != "draft"]

    @property
    def others_turn(self) -> list[Step]:
        """What waits for somebody else."""
        return [step for step in self.steps if step.is_waiting and step.side not in self.sides]

    @property
    def need_is_confidential(self) -> bool:
        return self.introduction.need.visibility == Tier.CONFIDENTIAL

    @property
    def technology_is_confidential(self) -> bool:
        return self.introduction.technology.visibility == Tier.CONFIDENTIAL

    def listing(self, side: str) -> Disclosed | None:
        return self.need if side == Side.NEED else self.technology


def with_people(queryset: QuerySet[Introduction]) -> QuerySet[Introduction]:
    """Everything that `pairs` reads of an introduction itself, in two queries."""
    thread = IntroductionMessage.objects.filter(introduction=OuterRef("pk"))
    last = thread.order_by("-id")
    return (
        queryset.select_related(
            "need__owner", "technology__owner", "need_party", "technology_party",
            "broker", "broker_organisation", "contract", "enquiry__through",
        )
        .prefetch_related("nda_acceptances")
        .annotate(
            last_side=Subquery(last.values("side")[:1]),
            last_message_at=Subquery(last.values("created_at")[:1]),
            need_spoke=Subquery(thread.filter(side=Side.NEED).values("side")[:1]),
            technology_spoke=Subquery(thread.filter(side=Side.TECHNOLOGY).values("side")[:1]),
        )
    )  # fmt: skip


def pair_of(introduction: Introduction, actor: Actor, *, detail: bool = True) -> Pair:
    """One introduction, from with_people."""
    return pairs_of([introduction], actor, detail=detail)[0]


def pairs_of(
    introductions: Sequence[Introduction], actor: Actor, *, detail: bool = False
) -> list[Pair]:
    """Many introductions from with_people, in a fixed number of queries, in the given order."""
    listings = {row.pk: row for one in introductions for row in (one.need, one.technology)}
    shown = disclosed_many(list(listings.values()), actor, detail=detail)
    grants = _grants(introductions)
    return [_pair(one, actor, shown, grants) for one in introductions]


def _pair(
    one: Introduction,
    actor: Actor,
    shown: dict[int, Disclosed],
    grants: dict[tuple[int, int], DisclosureGrant],
) -> Pair:
    sides = sides_of(one, actor)
    text = text_of(one.nda_version)
    accepted = {row.side: row for row in one.nda_acceptances.all() if row.text_hash == text.hash}
    releases = {
        side: _release(grants.get((one.listing_of(side).pk, one.party_id(other_party(side)) or 0)))
        for side in PARTIES
    }
    parties = {side: _party(one, side, sides, actor, shown, grants) for side in PARTIES}
    if one.broker_organisation is not None:
        parties[Side.BROKER.value] = _card(
            one.broker_organisation, Side.BROKER.value, is_own=Side.BROKER in sides
        )
    has_spoken = frozenset(side for side in PARTIES if getattr(one, f"{side}_spoke", ""))
    last_side = getattr(one, "last_side", "") or ""
    facts = Facts(
        state=one.state,
        wants_broker=one.wants_broker,
        has_broker=one.broker_organisation_id is not None,
        has_spoken=has_spoken,
        last_side=last_side,
        anonymous=frozenset(
            side for side in PARTIES if hides_owner(one, side) and not releases[side].shows_owner
        ),
        accepted=frozenset(accepted),
        withheld=frozenset(
            side for side in PARTIES if not releases[side].has_details and _has_secrets(one, side)
        ),
        has_contract=one.contract_id is not None,
    )
    return Pair(
        introduction=one,
        sides=sides,
        need=shown.get(one.need_id),
        technology=shown.get(one.technology_id),
        parties=parties,
        releases=releases,
        nda=accepted,
        nda_text=text,
        last_side=last_side,
        has_spoken=has_spoken,
        steps=next_steps(facts),
    )


def hides_owner(one: Introduction, side: str) -> bool:
    """Whether the market itself does not say who stands behind the listing."""
    listing = one.listing_of(side)
    return listing.is_anonymous or listing.visibility == Tier.CONFIDENTIAL


def _has_secrets(one: Introduction, side: str) -> bool:
    """Whether there is something that only a release opens. Told to both sides: that closed
    tiers exist is said on the listing's page too."""
    listing = one.listing_of(side)
    return listing.visibility == Tier.CONFIDENTIAL or bool(
        listing.confidential_text_en or listing.confidential_text_zh
    )


def _party(
    one: Introduction,
    side: str,
    sides: list[str],
    actor: Actor,
    shown: dict[int, Disclosed],
    grants: dict[tuple[int, int], DisclosureGrant],
) -> Party:
    organisation = one.need_party if side == Side.NEED else one.technology_party
    listing = one.listing_of(side)
    is_own = side in sides
    view = shown.get(listing.pk)
    released = any(
        (grant := grants.get((listing.pk, organisation_id))) is not None and grant.reveals_owner
        for organisation_id in actor.organisation_ids
    )
    # one's own listing is disclosed in full to a colleague who has no role in introductions
    if is_own or released or (view is not None and view.owner is not None):
        return _card(organisation, side, is_own=is_own)
    return Party(side, is_own=False, is_known=False)


def _card(organisation: Organisation, side: str, *, is_own: bool) -> Party:
    return Party(
        side, is_own, True, organisation.public_id, organisation.name_en, organisation.name_zh
    )


def _release(grant: DisclosureGrant | None) -> Release:
    return Release(grant.tier, grant.reveals_owner) if grant else Release()


def _grants(introductions: Iterable[Introduction]) -> dict[tuple[int, int], DisclosureGrant]:
    """Open releases of these listings to these parties and brokers: (listing, organisation)."""
    wanted = Q(pk__in=[])
    for one in introductions:
        readers = [
            pk
            for pk in (one.need_party_id, one.technology_party_id, one.broker_organisation_id)
            if pk
        ]
        wanted |= Q(listing_id__in=[one.need_id, one.technology_id], organisation_id__in=readers)
    found = DisclosureGrant.objects.filter(wanted, revoked_at__isnull=True)
    return {(row.listing_id, row.organisation_id): row for row in found}
