"""What the platform counts itself of an institution's year, and the rows behind each number: the
number and its rows come from one statement, so that every figure can be traced.

deals: registered contracts, in the year of their number, that are tied to a case of the institution
(one that was not lost, declined or given away), to an introduction or a deal room in which it
brokers or to a fee of which it has a part, or that name it as broker. A deal of two institutions
counts for each of them. A case is tied by its institution alone: of a contract to which that is
another party than the broker it makes no deal brokered. deal_amount: technology transaction
amounts, CNY, of those that name the institution, on which it has stated a fee as the one that
closes, or whose parties made the amount public.
enterprises: whom it served: different clients of its cases opened or closed in the year, askers it
answered, and whom it visited, each once. needs: needs in these cases, requests answered, and needs
drafted of visits, each once. requests: answered for the first time in the year. commissions: its
parts of fees approved in the year, CNY alone, reversals taken off. activities and trainings:
gatherings that it held.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from contracts.models import Contract
from contracts.queries.register import year_start
from contracts.queries.visibility import visible_to as contracts_visible_to
from deals import gathering_states
from deals.models import (
    Case,
    CaseClient,
    CommissionStatement,
    Gathering,
    GatheringKind,
    LocatorRequest,
    Visit,
)
from deals.queries.cases import visible_to as cases_visible_to
from deals.queries.commissions import visible_to as fees_visible_to
from deals.queries.gatherings import held_counts
from deals.queries.requests import visible_to as requests_visible_to
from deals.queries.visits import visible_to as visits_visible_to
from deals.service_figures import COUNTED, FIGURES, Value
from marketplace.core.actor import Actor
from marketplace.core.replicas import reading_connection

_EVIDENCE = """
WITH worked AS (
    SELECT id, organisation_id, year::int AS year FROM deals_case
        WHERE organisation_id = ANY(%(ids)s) AND year BETWEEN %(first)s AND %(last)s
    UNION
    SELECT id, organisation_id, extract(year FROM closed_at AT TIME ZONE %(zone)s)::int
        FROM deals_case WHERE organisation_id = ANY(%(ids)s)
        AND closed_at >= %(since)s AND closed_at < %(until)s
), answered AS (
    SELECT institution_id, request_id,
        extract(year FROM min(created_at) AT TIME ZONE %(zone)s)::int AS year
        FROM deals_locatoranswer WHERE institution_id = ANY(%(ids)s)
        GROUP BY institution_id, request_id
        HAVING min(created_at) >= %(since)s AND min(created_at) < %(until)s
), visited AS (
    SELECT id, institution_id, organisation_id, name,
        extract(year FROM visited_on)::int AS year
        FROM deals_visit WHERE institution_id = ANY(%(ids)s)
        AND visited_on BETWEEN %(first_day)s AND %(last_day)s
), fee AS (
    SELECT id, closing_id AS institution, closing_fee AS part, currency, approved_at,
        contract_number, reverses_id, true AS is_told FROM deals_commissionstatement
        WHERE state = 'approved' AND closing_id = ANY(%(ids)s)
    UNION ALL
    SELECT id, referring_id, referring_fee, currency, approved_at, contract_number, reverses_id,
        false FROM deals_commissionstatement
        WHERE state = 'approved' AND referring_id = ANY(%(ids)s)
), tie AS (
    SELECT k.organisation_id AS institution, c.number, false AS is_told, true AS is_alone
        FROM deals_case k JOIN contracts_contract c ON c.id = k.contract_id
        WHERE k.organisation_id = ANY(%(ids)s) AND k.outcome <> ALL(%(lost)s)
    UNION ALL
    SELECT k.organisation_id, c.number, false, true FROM deals_case k
        JOIN deals_introduction i ON i.id = k.introduction_id
        JOIN contracts_contract c ON c.id = i.contract_id
        WHERE k.organisation_id = ANY(%(ids)s) AND k.outcome <> ALL(%(lost)s)
    UNION ALL
    SELECT i.broker_organisation_id, c.number, false, false FROM deals_introduction i
        JOIN contracts_contract c ON c.id = i.contract_id
        WHERE i.broker_organisation_id = ANY(%(ids)s)
    UNION ALL
    SELECT d.broker_organisation_id, c.number, false, false FROM deals_dealroom d
        JOIN contracts_contract c ON c.id = d.contract_id
        WHERE d.broker_organisation_id = ANY(%(ids)s)
    UNION ALL
    SELECT f.institution, f.contract_number, f.is_told, false FROM fee f
        WHERE f.reverses_id IS NULL AND NOT EXISTS (
            SELECT FROM deals_commissionstatement b
            WHERE b.reverses_id = f.id AND b.state = 'approved')
    UNION ALL
    SELECT p.organisation_id, c.number, true, false FROM contracts_contractparty p
        JOIN contracts_contract c ON c.id = p.contract_id
        WHERE p.organisation_id = ANY(%(ids)s) AND p.role = 'broker' AND c.state = 'registered'
), evidence AS (
    SELECT 'deals' AS figure, t.institution, extract(year FROM r.numbered_at
            AT TIME ZONE %(zone)s)::int AS year, r.number::text AS key, 'contract' AS source,
        r.id AS ref, CASE WHEN bool_or(t.is_told) OR 'amount' = ANY(r.public_facts) OR EXISTS (
            SELECT FROM contracts_contractparty p
            WHERE p.contract_id = r.id AND p.organisation_id = t.institution
        ) THEN r.technology_cny END AS amount,
        CASE WHEN 'amount' = ANY(r.public_facts) THEN r.technology_cny END AS open_amount
        FROM tie t JOIN contracts_contract r ON r.number = t.number AND r.state = 'registered'
        WHERE r.numbered_at >= %(since)s AND r.numbered_at < %(until)s
        AND NOT (t.is_alone AND EXISTS (
            SELECT FROM contracts_contractparty p WHERE p.contract_id = r.id
            AND p.organisation_id = t.institution AND p.role <> 'broker'))
        GROUP BY t.institution, r.id
    UNION ALL
    SELECT 'enterprises', w.organisation_id, w.year,
        coalesce('o' || c.organisation_id, 'n' || lower(btrim(c.name))), 'client', c.id, NULL, NULL
        FROM worked w JOIN deals_caseclient c ON c.case_id = w.id
        WHERE c.organisation_id IS DISTINCT FROM w.organisation_id
    UNION ALL
    SELECT 'enterprises', a.institution_id, a.year, 'o' || r.asker_id, 'request', r.id, NULL, NULL
        FROM answered a JOIN deals_locatorrequest r ON r.id = a.request_id
        WHERE r.asker_id <> a.institution_id
    UNION ALL
    SELECT 'enterprises', institution_id, year,
        coalesce('o' || organisation_id, 'n' || lower(btrim(name))), 'visit', id, NULL, NULL
        FROM visited WHERE organisation_id IS DISTINCT FROM institution_id
    UNION ALL
    SELECT 'needs', w.organisation_id, w.year, 'l' || l.id, 'case', w.id, NULL, NULL
        FROM worked w JOIN deals_caselisting c ON c.case_id = w.id
        JOIN listings_listing l ON l.id = c.listing_id AND l.kind = 'need'
    UNION ALL
    SELECT 'needs', a.institution_id, a.year, coalesce('l' || r.need_id, 'r' || r.id), 'request',
        r.id, NULL, NULL FROM answered a JOIN deals_locatorrequest r ON r.id = a.request_id
    UNION ALL
    SELECT 'needs', v.institution_id, v.year, 'l' || f.need_id, 'visit', v.id, NULL, NULL
        FROM visited v JOIN deals_finding f ON f.visit_id = v.id WHERE f.need_id IS NOT NULL
    UNION ALL
    SELECT 'requests', institution_id, year, request_id::text, 'request', request_id, NULL, NULL
        FROM answered
    UNION ALL
    SELECT 'commissions', institution, extract(year FROM approved_at AT TIME ZONE %(zone)s)::int,
        id::text, 'fee', id, part, NULL FROM fee WHERE currency = 'CNY' AND part <> 0
        AND approved_at >= %(since)s AND approved_at < %(until)s
)
"""
_COUNT = (
    _EVIDENCE + "SELECT figure, institution, year, count(DISTINCT key),"  # noqa: S608 (ours alone)
    " coalesce(sum(amount), 0), coalesce(sum(open_amount), 0) FROM evidence"
    " GROUP BY figure, institution, year"
)
_ROWS = (
    _EVIDENCE + "SELECT key, max(amount), array_agg(DISTINCT source || ':' || ref)"  # noqa: S608
    " FROM evidence WHERE figure = %(figure)s GROUP BY key"
    " ORDER BY key DESC LIMIT %(limit)s OFFSET %(offset)s"
)
_NUMBER = (
    _EVIDENCE + "SELECT count(DISTINCT key) FROM evidence"  # noqa: S608 (ours alone)
    " WHERE figure = %(figure)s"
)
_LOST = ["lost", "declined", "referred"]
# of the figure whose rows are asked for; an amount is traced by the rows that it sums
_ROWS_OF = {"deal_amount": "deals"}
_KINDS: dict[str, list[GatheringKind]] = {
    "trainings": [GatheringKind.TRAINING],
    "activities": [one for one in GatheringKind if one is not GatheringKind.TRAINING],
}


def counted(
    institution_ids: Iterable[int], first: int, last: int, *, open_amounts: bool = False
) -> dict[tuple[int, int], dict[str, Value]]:
    """(institution id, year) -> code -> number or CNY, of the years from first to last: three
    statements. A figure that is missing is nothing.

    open_amounts: of deals whose parties made the amount public alone. So for everybody but the
    institution itself: of one deal the sum is its amount, and that is its parties' to tell.
    Not for a reader: whoever shows it decides who may see it.
    """
    ids = sorted(set(institution_ids))
    found: dict[tuple[int, int], dict[str, Value]] = {}
    if not ids:
        return found
    with reading_connection().cursor() as cursor:
        cursor.execute(_COUNT, _asked(ids, first, last))
        for figure, institution, year, number, amount, public in cursor.fetchall():
            values = found.setdefault((institution, year), {})
            if figure == "commissions":
                values[figure] = Decimal(amount)
                continue
            values[figure] = number
            if figure == "deals":
                values["deal_amount"] = Decimal(public if open_amounts else amount)
    held = held_counts(ids, dt.date(first, 1, 1), dt.date(last, 12, 31))
    for key, one in held.items():
        values = found.setdefault(key, {})
        for code, kinds in _KINDS.items():
            values[code] = sum(one.gatherings.get(kind.value, 0) for kind in kinds)
    return found


def counted_of(institution_id: int, year: int) -> dict[str, Value]:
    """Of one institution and year, every counted code."""
    found = counted([institution_id], year, year).get((institution_id, year), {})
    return {code: found.get(code, Decimal(0) if FIGURES[code].is_money else 0) for code in COUNTED}


def _asked(ids: list[int], first: int, last: int) -> dict[str, Any]:
    return {
        "ids": ids, "first": first, "last": last, "lost": _LOST,
        "zone": str(timezone.get_default_timezone()),
        "since": year_start(first), "until": year_start(last + 1),
        "first_day": dt.date(first, 1, 1), "last_day": dt.date(last, 12, 31),
    }  # fmt: skip


# --- The rows behind a number --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A row that was counted. url: empty where the reader may not open it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Traced:
    """One thing that a figure counts once, with the rows it was found in. amount: CNY."""

    name: str = ""
    amount: Decimal | None = None
    sources: tuple[Source, ...] = field(default=())


def rows_behind(
    actor: Actor, institution_id: int, year: int, code: str, *, limit: int, offset: int = 0
) -> list[Traced]:
    """What a counted figure is made of; a row that the actor may not open has no address, and of
    those of other people no name. The caller has gated the institution."""
    if code in _KINDS:
        rows = gatherings_held(institution_id, year, code)[offset : offset + limit]
        return [
            Traced(sources=(Source(_title(one), f"/gatherings/{one.public_id}/"),)) for one in rows
        ]
    given = _asked([institution_id], year, year) | {
        "figure": _ROWS_OF.get(code, code), "limit": limit, "offset": offset,
    }  # fmt: skip
    with reading_connection().cursor() as cursor:
        cursor.execute(_ROWS, given)
        rows_found: list[tuple[str, Decimal | None, list[str]]] = cursor.fetchall()
    wanted: dict[str, set[int]] = {}
    for _key, _amount, refs in rows_found:
        for ref in refs:
            source, _colon, pk = ref.partition(":")
            wanted.setdefault(source, set()).add(int(pk))
    known = {source: _SHOWN[source](actor, pks) for source, pks in wanted.items()}
    found = []
    for _key, amount, refs in rows_found:
        pairs = [known[ref.partition(":")[0]].get(int(ref.partition(":")[2])) for ref in refs]
        shown = [one for one in pairs if one is not None]
        name = next((name for name, _source in shown if name), "")
        found.append(Traced(name, amount, tuple(source for _name, source in shown)))
    return found


def number_of_rows(institution_id: int, year: int, code: str) -> int:
    """How many `rows_behind` lists in all."""
    if code in _KINDS:
        return gatherings_held(institution_id, year, code).count()
    with reading_connection().cursor() as cursor:
        cursor.execute(
            _NUMBER, _asked([institution_id], year, year) | {"figure": _ROWS_OF.get(code, code)}
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def gatherings_held(institution_id: int, year: int, code: str) -> QuerySet[Gathering]:
    """Those that `activities` or `trainings` counts, newest first."""
    return Gathering.objects.filter(
        institution=institution_id, state=gathering_states.HELD,
        starts_at__gte=year_start(year), starts_at__lt=year_start(year + 1),
        kind__in=[kind.value for kind in _KINDS[code]],
    ).order_by("-starts_at", "-id")  # fmt: skip


def _title(row: Any) -> str:
    return str(row.title_zh or row.title_en)


Shown = dict[int, tuple[str, Source]]  # pk -> (name of what is counted, the row it was found in)


def _contracts(actor: Actor, pks: set[int]) -> Shown:
    own = set(contracts_visible_to(actor).filter(pk__in=pks).values_list("pk", flat=True))
    rows = Contract.objects.filter(pk__in=pks).only("number", "public_id")
    return {
        one.pk: ("", Source(
            str(one.number),
            f"/contracts/{one.public_id}/" if one.pk in own else f"/register/{one.number}/",
        ))
        for one in rows
    }  # fmt: skip


def _clients(actor: Actor, pks: set[int]) -> Shown:
    rows = CaseClient.objects.filter(pk__in=pks, case__in=cases_visible_to(actor))
    return {
        one.pk: (
            str(one.organisation or one.name),
            Source(str(one.case), one.case.get_absolute_url()),
        )
        for one in rows.select_related("case", "organisation")
    }


def _cases(actor: Actor, pks: set[int]) -> Shown:
    rows: QuerySet[Case] = cases_visible_to(actor).filter(pk__in=pks)
    return {
        one.pk: ("", Source(f"{one.docket} {one.title}", one.get_absolute_url())) for one in rows
    }


def _requests(actor: Actor, pks: set[int]) -> Shown:
    rows: QuerySet[LocatorRequest] = requests_visible_to(actor).filter(pk__in=pks)
    return {
        one.pk: (str(one.asker), Source(one.title, one.get_absolute_url()))
        for one in rows.select_related("asker")
    }


def _visits(actor: Actor, pks: set[int]) -> Shown:
    rows: QuerySet[Visit] = visits_visible_to(actor).filter(pk__in=pks)
    return {
        one.pk: (
            str(one.organisation or one.name),
            Source(one.visited_on.isoformat(), one.get_absolute_url()),
        )
        for one in rows.select_related("organisation")
    }


def _fees(actor: Actor, pks: set[int]) -> Shown:
    rows: QuerySet[CommissionStatement] = fees_visible_to(actor).filter(pk__in=pks)
    return {
        one.pk: ("", Source(one.contract_number or one.public_id, one.get_absolute_url()))
        for one in rows
    }


_SHOWN = {
    "contract": _contracts, "client": _clients, "case": _cases, "request": _requests,
    "visit": _visits, "fee": _fees,
}  # fmt: skip
