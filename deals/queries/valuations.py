"""Reading valuations: the organisation that made one, and nobody else."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from accounts.models import Organisation
from contracts.codes import BAND_FLOORS
from contracts.queries.register import PublicEntry, entry_of, narrow, registered
from deals.models import ApproachCode, Introduction, Simulation, Valuation, ValuationInputs
from deals.queries.visibility import visible_to as introductions_visible_to
from deals.rules import PARTY_ROLES
from deals.valuation.market import ENOUGH
from deals.valuing.approaches import APPROACHES, Approach
from listings.disclosure import disclosed
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.actor import Actor

MOST_COMPARABLES = 20


def visible_to(actor: Actor) -> QuerySet[Valuation]:
    """Valuations of organisations in which the actor edits or brokers; operators see none."""
    if actor.is_system:
        return Valuation.objects.all()
    return Valuation.objects.filter(organisation_id__in=sorted(actor.ids_with(*PARTY_ROLES)))


def makers(actor: Actor) -> QuerySet[Organisation]:
    """Organisations for which the actor may begin a valuation."""
    ids = sorted(actor.ids_with(*PARTY_ROLES))
    return Organisation.objects.filter(pk__in=ids).order_by("id")


@dataclass
class Version:
    """A version of inputs as the history shows it."""

    row: ValuationInputs
    before: ValuationInputs | None
    simulation: Simulation | None = None

    @property
    def approach(self) -> Approach:
        return APPROACHES[self.row.approach]


@dataclass
class Reading:
    """A valuation with everything on its page: four statements."""

    valuation: Valuation
    current: list[Version]  # one for each approach in use, in the order of the field
    history: list[Version] = field(default_factory=list)  # newest first

    @property
    def is_computing(self) -> bool:
        return any(one.simulation and one.simulation.is_waiting for one in self.current)


def read_all(valuation: Valuation) -> Reading:
    """The caller has gated the valuation."""
    newest: dict[str, Version] = {}
    history: list[Version] = []
    for row in valuation.versions.select_related("made_by").order_by("id"):
        before = newest[row.approach].row if row.approach in newest else None
        newest[row.approach] = Version(row, before)
        history.append(newest[row.approach])
    current = [
        newest[code] for code in ApproachCode.values
        if code in newest and newest[code].row.inputs is not None
    ]  # fmt: skip
    latest = {
        one.inputs_id: one
        for one in Simulation.objects.filter(
            inputs__in=[version.row.pk for version in current]
        ).order_by("id")
    }
    for version in current:
        version.simulation = latest.get(version.row.pk)
    return Reading(valuation, current, history[::-1])


def newest_inputs(valuation: Valuation, approach: str) -> ValuationInputs | None:
    """What holds for an approach; None when it is not used."""
    row = valuation.versions.filter(approach=approach).order_by("-number").first()
    return row if row is not None and row.inputs is not None else None


def known_listing(valuation: Valuation, actor: Actor) -> Any:
    """The technology as the actor may read it now, or None."""
    if valuation.listing_id is None:
        return None
    found = (
        listings_visible_to(actor).select_related("owner").filter(pk=valuation.listing_id).first()
    )
    return disclosed(found, actor) if found else None


def known_introduction(valuation: Valuation, actor: Actor) -> Introduction | None:
    """The introduction while the actor takes part in it, or None."""
    if valuation.introduction_id is None:
        return None
    return introductions_visible_to(actor).filter(pk=valuation.introduction_id).first()


# --- Comparables out of the register -------------------------------------------------------------


@dataclass(frozen=True)
class Comparable:
    """What the public register says of a contract, without its number, title or parties. CNY."""

    type: str
    field: str
    year: int
    low: str
    base: str
    high: str
    is_band: bool


def comparables(
    *, types: Iterable[str] = (), fields: Iterable[str] = (), years: Iterable[int] = ()
) -> tuple[list[Comparable], int]:
    """(the newest comparables, how many were found). The list is empty with fewer than ENOUGH:
    of so few one could tell which they are.

    By the exact amount where the parties made it public, else by its band, whose middle is taken;
    contracts of the open band at the top without a public amount, of an amount of 0, and those
    that were cancelled or revoked are left out.
    """
    rows = narrow(registered(), types=types, fields=fields, years=years)
    found = []
    for contract in rows[: MOST_COMPARABLES * 5]:
        made = _comparable(entry_of(contract))
        if made is not None:
            found.append(made)
        if len(found) == MOST_COMPARABLES:
            break
    return (found if len(found) >= ENOUGH else []), len(found)


def _comparable(entry: PublicEntry) -> Comparable | None:
    if entry.ended_on is not None and entry.state in ("cancelled", "revoked"):
        return None
    facts: dict[str, Any] = {
        "type": entry.type,
        "field": entry.field,
        "year": entry.registered_on.year,
    }
    if entry.technology_cny is not None:
        amount = str(entry.technology_cny)
        if entry.technology_cny <= 0:
            return None
        return Comparable(**facts, low=amount, base=amount, high=amount, is_band=False)
    bands = list(BAND_FLOORS)
    above = bands.index(entry.amount_band) + 1
    if above == len(bands):
        return None
    low, high = BAND_FLOORS[entry.amount_band], BAND_FLOORS[bands[above]]
    low = max(low, high / 10)
    return Comparable(
        **facts,
        low=str(low),
        base=str((low + high) / 2),
        high=str(high),
        is_band=True,
    )
