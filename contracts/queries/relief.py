"""From registered contracts to what the relief estimator reads; the door to both."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Organisation
from contracts import states
from contracts.codes import PARTY_KINDS
from contracts.models import Contract, ContractParty
from contracts.queries.visibility import of_parties, with_parties
from contracts.relief import ZERO, Facts
from contracts.rule_sets import all_rule_sets, rule_set_on
from contracts.rule_sets.reliefs import Reliefs
from contracts.rules import EDIT_ROLES
from marketplace.core.actor import Actor

ON_THE_WAY = states.OPEN_TO_PARTIES | states.AT_THE_POINT
FIRST_YEAR = 2008
MOST = 120  # contracts of one firm and year on a page: below Django's limit of form fields
MOST_BY_API = 2000


@dataclass(frozen=True)
class Entry:
    """A contract in a year: its facts and the revenue that is supposed until the firm types it.

    note: why the supposed revenue is what it is: signed, earlier, shared.
    """

    contract: Contract
    facts: Facts
    supposed: Decimal
    note: str


def estimable(actor: Actor) -> QuerySet[Contract]:
    """Contracts of the actor's own sides. A registrar is not told what a party could save."""
    return with_parties(of_parties(actor))


def firms(actor: Actor) -> QuerySet[Organisation]:
    """Organisations whose year the actor may look at."""
    return Organisation.objects.filter(pk__in=sorted(actor.ids_with(*EDIT_ROLES))).order_by("id")


def reliefs_on(day: dt.date) -> Reliefs:
    """Those that the rule set in force names, or the newest enabled one's."""
    rules = rule_set_on(day) or [one for one in all_rule_sets().values() if one.enabled][-1]
    return rules.reliefs


def facts_of(contract: Contract, today: dt.date) -> Facts:
    """Reads the parties (prefetch them). A draft without a day is judged as signed today; what is
    on its way to the register, as if it were there (the page says so)."""
    signed = contract.signed_on or today
    sides: dict[str, set[str]] = {"seller": set(), "buyer": set(), "broker": set()}
    for party in contract.parties.all():
        entry = PARTY_KINDS.get(party.kind)
        if entry is not None:
            sides[party.role].add(entry.parent)
    return Facts(
        contract.type, contract.sub_type, contract.ip_kind, signed,
        contract.valid_from or signed, contract.valid_to,
        frozenset(sides["seller"]), frozenset(sides["buyer"]),
        contract.technology_cny or ZERO, contract.state in ON_THE_WAY | {states.REGISTERED},
    )  # fmt: skip


def entries_of_year(
    actor: Actor, firm: Organisation, year: int, today: dt.date, most: int = MOST
) -> list[Entry]:
    """Registered contracts that the firm sells and that were signed in the year or run in it,
    newest first, `most` at most. In the year of signing the whole technology amount is supposed as
    revenue, later nothing; nothing either where several sellers share it."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    sold = ContractParty.objects.filter(contract=OuterRef("pk"), organisation=firm, role="seller")
    found = (
        estimable(actor)
        .filter(Exists(sold), state=states.REGISTERED, signed_on__lte=last)
        .filter(Q(signed_on__gte=first) | Q(valid_to__isnull=True) | Q(valid_to__gte=first))
        .order_by("-signed_on", "-id")[:most]
    )
    return [_entry(contract, firm, year, today) for contract in found]


def _entry(contract: Contract, firm: Organisation, year: int, today: dt.date) -> Entry:
    facts = facts_of(contract, today)
    sellers = [party for party in contract.parties.all() if party.role == "seller"]
    own = {PARTY_KINDS[p.kind].parent for p in sellers
           if p.organisation_id == firm.pk and p.kind in PARTY_KINDS}  # fmt: skip
    facts = replace(facts, sellers=frozenset(own))
    if len(sellers) > 1:
        return Entry(contract, facts, ZERO, "shared")
    if facts.signed_on.year < year:
        return Entry(contract, facts, ZERO, "earlier")
    return Entry(contract, facts, facts.amount, "signed")
