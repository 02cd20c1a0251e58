"""The contracts that a figure counts."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from contracts import states
from contracts.figures import LARGE
from contracts.models import Contract
from contracts.queries.register import registered, year_start
from contracts.queries.ties import untied
from marketplace.core.actor import Actor

FEN = 100
ENTERPRISES = ("enterprise", "enterprise_hmt", "enterprise_foreign_funded")


@dataclass(frozen=True, slots=True)
class Cell:
    """What narrows a figure; empty means all. types: several, where one row sums them. origin and
    destination: a city, province or country; origin "" with destination: from anywhere.

    exact: of all contracts; otherwise, where a party's kind or place is asked for, of those whose
    parties the register names: to be listed here would tell of the others."""

    year: int
    month: int = 0
    types: tuple[str, ...] = ()
    field: str = ""
    region: str = ""
    seller: str = ""
    buyer: str = ""
    origin: str = ""
    destination: str = ""
    large: bool = False
    exact: bool = False

    @property
    def asks_parties(self) -> bool:
        return bool(self.seller or self.buyer or self.origin or self.destination)


def behind(cell: Cell, own: QuerySet[Contract] | None = None) -> QuerySet[Contract]:
    """Newest number first. own: contracts that the reader reads whole (`own_of`)."""
    start, end = year_start(cell.year), year_start(cell.year + 1)
    if cell.month:
        start = start.replace(month=cell.month)
        end = start.replace(month=cell.month + 1) if cell.month < 12 else end
    found = registered().filter(
        state=states.REGISTERED, numbered_at__gte=start, numbered_at__lt=end
    )  # fmt: skip
    if cell.types:
        found = found.filter(type__in=cell.types)
    if cell.field:
        found = found.filter(field=cell.field)
    if cell.region:
        found = found.filter(region__startswith=cell.region[:2])
    if cell.large:
        found = found.filter(technology_cny__gte=LARGE // FEN)
    if cell.asks_parties and not cell.exact:
        known = Q(public_facts__contains=["parties"])
        found = found.filter(known if own is None else known | Q(pk__in=own.values("pk")))
    for condition, value in _hints(cell):
        found = found.filter(_of_contracts(condition, value))
    conditions, values = _facts(cell)
    if conditions:
        found = found.filter(
            # conditions of ours, values apart
            RawSQL(  # noqa: S611
                "EXISTS (SELECT 1 FROM contracts_figurefact f"  # noqa: S608
                f" WHERE f.contract_id = contracts_contract.id AND {' AND '.join(conditions)})",
                values,
                output_field=BooleanField(),
            )
        )
    return found


def _of_contracts(condition: str, values: list[object]) -> RawSQL:
    return RawSQL(  # noqa: S611
        "contracts_contract.id IN (SELECT p.contract_id FROM contracts_contractparty p"  # noqa: S608
        f" WHERE {condition})",
        values,
        output_field=BooleanField(),
    )


def _hints(cell: Cell) -> Iterator[tuple[str, list[object]]]:
    """What a party of the contract must be like, in the words of the indexes of parties: it does
    not decide, since only the first party of a side counts, but a rare cell is found without
    reading all contracts of its year."""
    kind, place = "figure_kind(p.kind)", "figure_place(p.country, p.region)"
    for role, chosen, where in (
        ("seller", cell.seller, cell.origin), ("buyer", cell.buyer, cell.destination),
    ):  # fmt: skip
        conditions: list[str] = []
        values: list[object] = [role]
        if chosen == "enterprises":
            conditions.append(f"{kind} = ANY(%s)")
            values.append(list(ENTERPRISES))
        elif chosen:
            conditions.append(f"{kind} = %s")
            values.append(chosen)
        if where == "abroad":
            conditions.append(f"{place} BETWEEN 'AA' AND 'ZZ'")
        elif len(where) == 6 and where.endswith("0000"):
            conditions.append(f"{place} BETWEEN %s AND %s")
            values += [where, f"{where[:2]}9999"]
        elif where:
            conditions.append(f"{place} = %s")
            values.append(where)
        if conditions:
            yield " AND ".join(["p.role = %s", *conditions]), values


def own_of(actor: Actor) -> QuerySet[Contract] | None:
    """Contracts of the points whose registrar the actor is, without those it is tied to; None for
    who is no registrar."""
    points = sorted(actor.ids_with("registrar"))
    if not points or actor.user_id is None:
        return None
    return untied(
        Contract.objects.filter(registration_point_id__in=points).order_by(), actor.user_id
    )


def _facts(cell: Cell) -> tuple[list[str], list[object]]:
    """Conditions on the view of facts: the same words as the sums are made of."""
    conditions: list[str] = []
    values: list[object] = []

    def need(condition: str, value: object) -> None:
        conditions.append(condition)
        values.append(value)

    for column, value in (("seller_kind", cell.seller), ("buyer_kind", cell.buyer)):
        if value == "enterprises":
            need(f"f.{column} = ANY(%s)", list(ENTERPRISES))
        elif value:
            need(f"f.{column} = %s", value)
    if cell.origin:
        need(_place("origin", cell.origin), cell.origin)
    if cell.destination == "abroad":
        conditions.append("length(f.destination) = 2")
    elif cell.destination:
        need(_place("destination", cell.destination), cell.destination)
    return conditions, values


def _place(column: str, code: str) -> str:
    """A city as it is, a province or country with all that lies in it."""
    if len(code) == 6 and code.endswith("0000"):
        return f"figure_province(f.{column}) = %s"
    return f"f.{column} = %s"
