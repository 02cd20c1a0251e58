"""Pages of the tables: one for each, its file, and the contracts behind a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from contracts.codes import CONTRACT_TYPES
from contracts.queries.behind import behind, own_of
from contracts.queries.register import entry_of
from insights import naming, shapes
from insights.asking import FLOWS, read_asked, read_cell
from insights.queries.cells import number_of
from insights.queries.enterprises import MANY, enterprises
from insights.queries.readings import reads_exactly
from insights.queries.tables import Asked, Row, Table, table
from listings.exports.sending import download
from listings.exports.writing import write_table
from marketplace.core import regions
from marketplace.core.codes import FIELDS
from marketplace.core.errors import Invalid
from marketplace.core.replicas import may_lag

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from contracts.models import Contract
    from marketplace.core.actor import Actor

ROWS = 20
LISTED = 1_000  # contracts behind a figure
MOST = 100  # rows of a table on its page; files and the API hold all


@require_safe
def tables(request: HttpRequest) -> HttpResponse:
    """The first table."""
    return redirect("figure_table", "types")


@require_safe
@may_lag
def table_page(request: HttpRequest, name: str) -> HttpResponse:
    """One table: the last year asked for with the one before it, then year by year."""
    asked, wrong = _asked("years" if name == "enterprises" else name, request)
    if name == "enterprises":
        return _enterprises(request, asked, wrong)
    found = table(asked)
    year = asked.last
    rows = found.of(year) if name != "years" else list(reversed(found.rows))
    whole = found.totals[year]
    return render(
        request, "insights/table.html",
        {
            **_frame(request, asked, wrong),
            "rows": [_shown(asked, row) for row in rows[:MOST]],
            "is_cut": len(rows) > MOST,
            "total": None if name == "years" else {
                "row": whole, "url": naming.total_address(asked, whole)
            },
            "charts": _charts(found),
            "years": list(range(asked.first, asked.last + 1)),
            "over_years": _over_years(found) if name not in ("years", "flows") else [],
        },
        status=400 if wrong else 200,
    )  # fmt: skip


@require_safe
@may_lag
def table_file(request: HttpRequest, name: str) -> FileResponse:
    """The table as CSV, in the reader's language; growth as an index."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = table(read_asked(name, request.GET, actor))
    years = f"{found.asked.first}-{found.asked.last}"
    return download(
        "csv", f"{name}-{years}",
        lambda path: write_table(path, "csv", shapes.FILE_COLUMNS, shapes.lines_of(found)),
    )  # fmt: skip


@require_safe
@may_lag
def contracts_page(request: HttpRequest) -> HttpResponse:
    """The contracts that a cell counts, as the public register shows them; whole to operators, and
    those of their own points to registrars."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    cell = read_cell(request.GET, actor)
    own = own_of(actor) if reads_exactly(actor) and not cell.exact else None
    listed = _Counted(behind(cell, own), number_of(cell, own))
    page = listed.get_page(request.GET.get("page"))
    whole = {one.pk for one in page} if cell.exact else set()
    if own is not None:
        whole = set(own.filter(pk__in=[one.pk for one in page]).values_list("pk", flat=True))
    return render(
        request, "insights/contracts.html",
        {
            "cell": cell,
            "page": page,
            "entries": [
                {
                    "entry": entry_of(one),
                    "technology": one.technology_cny if one.pk in whole else None,
                }
                for one in page
            ],
            "is_part": cell.asks_parties and not cell.exact and reads_exactly(actor),
            "most": LISTED if listed.count > LISTED else 0,
        },
    )  # fmt: skip


class _Counted(Paginator):  # type: ignore[type-arg]
    """Pages of contracts that the sums have counted already; of very many the newest LISTED."""

    def __init__(self, found: QuerySet[Contract], number: int) -> None:
        super().__init__(found, ROWS)
        self.number = number

    @property
    def count(self) -> int:
        return self.number

    @property
    def num_pages(self) -> int:
        return max(1, min(-(-self.number // ROWS), LISTED // ROWS))


def _asked(name: str, request: HttpRequest) -> tuple[Asked, dict[str, Any]]:
    """What is asked, and what was wrong with it: the page then shows the rest, and says so."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        return read_asked(name, request.GET, actor), {}
    except Invalid as error:
        wrong: dict[str, Any] = dict(error.fields or {})
    kept = request.GET.copy()
    # two years that do not go together are both left away
    for field in {*wrong, *(("from", "to") if "from" in wrong else ())}:
        kept.pop(field, None)
    return read_asked(name, kept, actor), wrong


def _enterprises(request: HttpRequest, asked: Asked, wrong: dict[str, Any]) -> HttpResponse:
    told = enterprises(asked.first - 1, asked.last, exact=asked.exact)
    rows = told.years
    by_year = {row.year: row for row in rows}
    shown = []
    for row in rows:
        before = by_year.get(row.year - 1)
        if row.year >= asked.first:
            shown.append(
                {
                    "row": row,
                    "growth": row.enterprises / before.enterprises - 1 if before else None,
                }
            )
    return render(
        request, "insights/enterprises.html",
        {
            **_frame(request, asked, wrong, "enterprises"),
            "rows": list(reversed(shown)),
            "labels": [str(one["row"].year) for one in shown],  # type: ignore[union-attr]
            "values": [one["row"].enterprises for one in shown],  # type: ignore[union-attr]
            "many": MANY,
            "largest": told.largest,
            "busiest": told.busiest,
        },
        status=400 if wrong else 200,
    )  # fmt: skip


def _frame(
    request: HttpRequest, asked: Asked, wrong: dict[str, Any], name: str = ""
) -> dict[str, Any]:
    """What every table's page shows around its rows."""
    name = name or asked.kind.name
    kept = {key: request.GET[key] for key in ("from", "to", "type", "field") if key in request.GET}
    if asked.region and name not in FLOWS:
        kept["region"] = asked.region
    language = getattr(request, "LANGUAGE_CODE", None)
    tail = f"?{urlencode(kept)}" if kept else ""
    return {
        "name": name,
        "title": naming.TITLES[name],
        "head": naming.HEADS.get(name, ""),
        "asked": asked,
        "wrong": wrong,
        "typed": request.GET,
        "tabs": [(key, label, tail) for key, label in naming.TABS.items()],
        "types": [(code.code, code.name()) for code in CONTRACT_TYPES],
        "fields": [(code.code, code.name()) for code in FIELDS],
        "provinces": [(one.code, one.name(language)) for one in regions.children()],
        "cities": _cities(asked, language) if name in FLOWS else [],
        "is_flow": name in FLOWS,
        "is_of_parties": asked.kind.cube in ("seller", "buyer", "flow") or name == "enterprises",
        "query": request.GET.urlencode(),
    }


def _cities(asked: Asked, language: str | None) -> list[tuple[str, str]]:
    """Cities of the chosen province."""
    if not asked.region or asked.region[:2] in ("11", "12", "31", "50"):
        return []
    province = f"{asked.region[:2]}0000"
    return [
        (one.code, one.name(language)) for one in regions.children(province)
        if one.level == "city"
    ]  # fmt: skip


def _shown(asked: Asked, row: Row) -> dict[str, Any]:
    return {
        "row": row,
        "name": naming.row_name(asked, row),
        "url": naming.rows_address(asked, row) if row.now.contracts else "",
        "large_url": naming.rows_address(asked, row, large=True) if row.now.large else "",
    }


def _over_years(found: Table) -> list[dict[str, Any]]:
    """Each key with its figures of all years, in the order of the last year."""
    if found.asked.kind.name == "months" or found.asked.first == found.asked.last:
        return []
    years = range(found.asked.first, found.asked.last + 1)
    by_key = {(row.year, row.key): row for row in found.rows}
    keys = dict.fromkeys(row.key for year in reversed(years) for row in found.of(year))
    return [
        {
            "name": naming.row_name(found.asked, next(r for r in found.rows if r.key == key)),
            "is_part": key in ("enterprises", "abroad"),
            "years": [(year, by_key.get((year, key))) for year in years],
        }
        for key in list(keys)[:40]
    ]


def _charts(found: Table) -> dict[str, Any]:
    """Labels and values of the two charts: contracts and technology amounts, over the years."""
    if found.asked.kind.name == "months":
        rows = [row for row in found.rows if row.year == found.asked.last]
        labels = [row.key for row in rows]
    else:
        rows = list(found.totals.values())
        labels = [str(row.year) for row in rows]
    return {
        "labels": labels[-40:],
        "contracts": [row.now.contracts for row in rows][-40:],
        "technology": [row.now.technology for row in rows][-40:],
    }
