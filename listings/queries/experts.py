"""Who knows about something: parties found by what they have posted under their own name.

Only what the reader may see counts, and nothing anonymous, so that neither a place in the list nor
a number tells of anything else. What is looked at is bounded, however much is found.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Q

from accounts.models import ExpertProfile, Organisation
from accounts.queries.experts import findable
from listings.disclosure import Disclosed, disclosed_many
from listings.models.listings import Kind
from listings.queries.entries import entries_for
from listings.queries.narrowing import NAMED, in_fields
from listings.queries.ranking import weighed
from listings.queries.search import Query, holding, require_all, require_some
from listings.queries.visibility import published_for
from marketplace.core import regions
from marketplace.core.actor import Actor

HITS = 1_000  # of each kind: the newest of what is found are weighed
COUNTED = 5  # so many listings of a party weigh: many weak ones are no knowledge
SHOWN = 3
MAX_PARTIES = 100
WHO = ("organisation", "person")
# Who offers something knows the answer; who seeks it has the problem, and is no expert for it.
_WEIGHT = {Kind.TECHNOLOGY.value: 1.0}


@dataclass(frozen=True)
class Asked:
    """The question and what narrows it: fields (codes), a region of China, organisations or people
    only ("" for both)."""

    question: str = ""
    fields: tuple[str, ...] = ()
    region: str = ""
    who: str = ""


@dataclass(frozen=True)
class Expert:
    """A party; profile: of a person, None for an organisation.

    picked: ids of the listings that speak for it, the best first; listings: those, as the reader
    sees them. hits: how many were found, among those that were weighed.
    """

    organisation: Organisation
    profile: ExpertProfile | None
    hits: int
    picked: tuple[int, ...]
    listings: list[Disclosed] = field(default_factory=list)

    @property
    def is_person(self) -> bool:
        return self.profile is not None

    @property
    def who(self) -> str:
        return "person" if self.is_person else "organisation"

    @property
    def fields(self) -> list[str]:
        """Codes of the fields of the listings shown, each once."""
        return list(dict.fromkeys(one.field for one in self.listings if one.field))


@dataclass(frozen=True)
class FoundExperts:
    """has_words: whether the question holds any. is_partial: no listing holds all of them."""

    experts: list[Expert]
    has_words: bool = True
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class _Hit:
    pk: int
    owner_id: int
    posted_by_id: int | None
    weight: float


@dataclass(slots=True)
class _Party:
    """Hits come best first, so the first ones are those that count."""

    owner_id: int
    profile: ExpertProfile | None = None
    score: float = 0.0
    hits: int = 0
    picked: list[int] = field(default_factory=list)

    def add(self, hit: _Hit) -> None:
        self.score += hit.weight if self.hits < COUNTED else 0.0
        self.hits += 1
        if len(self.picked) < SHOWN:
            self.picked.append(hit.pk)


def find_experts(asked: Asked, actor: Actor) -> FoundExperts:
    """The parties, best first, at most MAX_PARTIES, without their listings (see with_listings).

    Two queries, and three more for each kind of which something is found; a question of which
    nothing holds every word takes up to four more.
    """
    every = require_all(asked.question, actor)
    if every is None or not every.words:  # nothing, or filters alone
        return FoundExperts([], has_words=False)
    hits = _hits(dict.fromkeys(_WEIGHT, every), asked, actor)
    is_partial = not hits
    if is_partial:
        some = {kind: require_some(asked.question, actor, kind) for kind in _WEIGHT}
        hits = _hits({kind: one for kind, one in some.items() if one}, asked, actor)
    parties = _parties(hits, asked.who)
    owners = Organisation.objects.in_bulk({party.owner_id for party in parties})
    experts = [
        Expert(owners[party.owner_id], party.profile, party.hits, tuple(party.picked))
        for party in parties
        if party.owner_id in owners
    ]
    return FoundExperts(experts, is_partial=is_partial)


def with_listings(experts: Sequence[Expert], actor: Actor) -> list[Expert]:
    """The same parties with the listings that speak for them: for the page that is shown."""
    wanted = {pk for expert in experts for pk in expert.picked}
    rows = list(published_for(actor).filter(NAMED, pk__in=wanted)) if wanted else []
    seen = disclosed_many(rows, actor, detail=False)
    return [
        replace(expert, listings=[seen[pk] for pk in expert.picked if pk in seen])
        for expert in experts
    ]


def _hits(queries: Mapping[str, Query], asked: Asked, actor: Actor) -> list[_Hit]:
    """What the queries find of each kind, best first."""
    narrowed = NAMED & Q(owner__verified_at__isnull=False)
    if asked.fields:
        narrowed &= in_fields(asked.fields)
    if asked.region:
        prefix = regions.prefix(asked.region)
        narrowed &= Q(owner__country="CN", owner__region__startswith=prefix)
    own = sorted(actor.organisation_ids)
    found = []
    for kind, query in queries.items():
        entries = entries_for(actor).filter(narrowed, kind=kind)
        newest = holding(entries, query, actor).order_by("-published_at", "-pk")
        ids = list(newest.values_list("pk", flat=True)[:HITS])
        if not ids:
            continue
        # Who counts comes through the one door, whatever the search table says.
        seen = published_for(actor).filter(NAMED, pk__in=ids)
        rows = {row[0]: row for row in seen.values_list("pk", "owner_id", "posted_by_id")}
        found += [
            _Hit(*rows[hit.pk], hit.worth * _WEIGHT[kind])
            for hit in weighed([pk for pk in ids if pk in rows], query, None, own)
        ]
    return sorted(found, key=lambda hit: (-hit.weight, -hit.pk))


def _parties(hits: Sequence[_Hit], who: str) -> list[_Party]:
    """Owners, and people who agreed to be found under that owner and posted it themselves."""
    parties: dict[Hashable, _Party] = {}
    agreed: dict[tuple[int, int], ExpertProfile] = {}
    if who != "organisation":
        posters = {hit.posted_by_id for hit in hits if hit.posted_by_id}
        agreed = {
            (profile.user_id, profile.organisation_id): profile
            for profile in findable().filter(user_id__in=sorted(posters))
        }
    for hit in hits:
        if who != "person":
            parties.setdefault(hit.owner_id, _Party(hit.owner_id)).add(hit)
        profile = agreed.get((hit.posted_by_id or 0, hit.owner_id))
        if profile is not None:
            parties.setdefault(("person", profile.pk), _Party(hit.owner_id, profile)).add(hit)
    best = sorted(parties.values(), key=lambda one: (-one.score, -one.hits, one.owner_id))
    return best[:MAX_PARTIES]
