# ruff: noqa: S608 (statements are put together of lists of ours)
"""The register and its figures: contracts made in SQL, tables, search and registering timed.

Contracts are varied as real ones are: a few cities and fields hold most of them, amounts spread
over four powers of ten, some parties let the register show more than others.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db import connection, transaction

from accounts.models import Organisation
from contracts import figures
from contracts.queries.register import entry_of, narrow, registered
from contracts.queries.register_counts import count_register
from contracts.queries.register_text import find
from contracts.rule_sets import RuleSet, all_rule_sets
from insights.queries.enterprises import enterprise_years, top_enterprises
from insights.queries.tables import KINDS, Asked, table

BATCH = 100_000
FIRST, LAST = 2017, 2026
REGISTERED = 50
_TRIGGERS = (
    ("contracts_contract", "contract_registered_facts"), ("contracts_contract", "contract_figures"),
    ("contracts_contract", "contract_inserted_without_number"),
    ("contracts_contractparty", "contract_party_frozen"),
)  # fmt: skip
# Skewed draws: a power of a random number falls on the first of a list most often.
_PICK = "({list})[1 + floor(power(random(), {skew}) * {length})::int]"
_TYPES = "'{development,service,transfer,licence,consulting}'::text[]"
_FIELDS = (
    "'{electronic_information,advanced_manufacturing,biology_medicine,new_materials,new_energy,"
    "environment_resources,urban_social,modern_transport,agriculture,aerospace,"
    "nuclear_applications}'::text[]"
)
_KINDS = (
    "'{enterprise_limited,enterprise_private,institution_university,institution_research,"
    "enterprise_foreign_funded,enterprise_hmt,government_city,individual}'::text[]"
)
_CITIES = (
    "'{440305,110108,310115,330106,420111,440106,510107,320505,610113,370203,340104,430104,"
    "350203,210202,120116,500112,410105,530102,220104,130104,230103,360111,450103,520103}'::text[]"
)
_PLACES = "'{CN,CN,CN,CN,CN,CN,CN,CN,CN,US,HK,JP,SG,DE,FI}'::text[]"


def fill(size: int, point: Organisation) -> float:
    """Registered contracts up to `size`; returns rows a second. Their sums are counted at the end,
    as after a large import; the triggers that would refuse such rows are off meanwhile. 0 where a
    database that was kept has them."""
    have = registered().order_by().count()
    if have >= size:
        return 0
    started = time.perf_counter()
    for table_name, trigger in _TRIGGERS:
        _run(f"ALTER TABLE {table_name} DISABLE TRIGGER {trigger}")
    for start in range(have, size, BATCH):
        with transaction.atomic():
            _make(start, min(BATCH, size - start), point)
    for table_name, trigger in _TRIGGERS:
        _run(f"ALTER TABLE {table_name} ENABLE TRIGGER {trigger}")
    rate = (size - have) / max(time.perf_counter() - started, 0.001)
    _run("VACUUM ANALYZE contracts_contract")
    _run("VACUUM ANALYZE contracts_contractparty")
    return rate


def rebuild() -> float:
    """Seconds to count all years anew."""
    started = time.perf_counter()
    for year in figures.years():
        figures.rebuild(year)
    took = time.perf_counter() - started
    _run("VACUUM ANALYZE contracts_figurecell")
    _run("VACUUM ANALYZE contracts_figureseller")
    return took


def benches(point: Organisation) -> dict[str, list[Callable[[], Any]]]:
    """Name -> calls to be timed, each on its own."""
    found: dict[str, list[Callable[[], Any]]] = {}
    for name, kind in KINDS.items():
        found[f"figures: {name}, five years"] = [
            partial(table, Asked(kind, LAST - 4, LAST, exact=True))
        ] * 3
        found[f"figures: {name}, all years"] = [
            partial(table, Asked(kind, FIRST, LAST, exact=True))
        ] * 3
        found[f"figures: {name}, narrowed"] = [
            partial(
                table, Asked(kind, LAST - 4, LAST, "service", "new_energy", "440000", exact=False)
            )
        ] * 3
    found["figures: destinations of a city"] = [
        partial(table, Asked(KINDS["destinations"], FIRST, LAST, region="440300", exact=True))
    ] * 3
    found["figures: enterprises"] = [
        partial(enterprise_years, LAST - 5, LAST, exact=True),
        partial(top_enterprises, LAST, exact=True),
        partial(top_enterprises, LAST, exact=True, by="contracts"),
    ]
    found["register search"] = [
        partial(_searched, text, types, years)
        for text, types, years in (
            ("", [], []), ("膜", [], []), ("coating 77", [], []), ("2024440300", [], []),
            ("", ["licence"], [2025]), ("battery", ["service"], [2024]), ("技术4777777", [], []),
        )
    ]  # fmt: skip
    found["register counts beside the list"] = [
        count_register,
        *(partial(find, text) for text in ("膜", "coating 77", "薄膜", "ai")),
    ]
    found["register a contract"] = [partial(_register, draft) for draft in _drafts(point)]
    return found


def _searched(text: str, types: list[str], years: list[int]) -> Any:
    return [entry_of(one) for one in narrow(registered(), text=text, types=types, years=years)[:20]]


def _register(pk: int) -> None:
    """What the database does in the registering transaction: state, number (of a point that made
    none of the others), the figures' change."""
    with transaction.atomic():
        _run(
            "UPDATE contracts_contract SET state = 'registered', number = '2026980000' ||"
            " lpad((id %% 1000000)::text, 6, '0'), numbered_at = now(), registered_at = now()"
            " WHERE id = %s",
            [pk],
        )
        transaction.set_rollback(True)


def _drafts(point: Organisation) -> Iterator[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM contracts_contract WHERE public_id LIKE 'FFFD%%' ORDER BY id LIMIT %s",
            [REGISTERED],
        )
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        with transaction.atomic():
            _make(0, REGISTERED, point, registered=False)
        return _drafts(point)
    return iter(ids)


def _make(start: int, number: int, point: Organisation, *, registered: bool = True) -> None:
    def pick(values: str, skew: float, length: int) -> str:
        return _PICK.format(list=values, skew=skew, length=length)

    _run(
        "WITH drawn AS MATERIALIZED (SELECT %(start)s + n AS n,"
        f" {pick(_TYPES, 2, 5)} AS drawn_type, {pick(_FIELDS, 2.2, 11)} AS field,"
        f" {pick(_KINDS, 2, 8)} AS kind, {pick(_KINDS, 1.6, 8)} AS buyer_kind,"
        f" {pick(_CITIES, 2.5, 24)} AS seller_place, {pick(_CITIES, 1.5, 24)} AS buyer_place,"
        f" {pick(_PLACES, 1, 15)} AS buyer_country,"
        " round(power(10, 4 + random() * 4)::numeric, 2) AS amount,"
        " timestamptz '2017-01-05' + random() * interval '3600 days' AS at"
        " FROM generate_series(1, %(number)s) n),"
        f" ruled AS (SELECT *, {_rules_of('at')} AS rules FROM drawn),"
        # before there were contracts of licence, one was registered as a transfer
        " raw AS MATERIALIZED (SELECT *, CASE WHEN drawn_type = 'licence' AND rules = ANY"
        " (%(without_licence)s) THEN 'transfer' ELSE drawn_type END AS type FROM ruled),"
        " made AS (INSERT INTO contracts_contract (public_id, filed_by_id, origin, state, type,"
        " sub_type, rule_set, title_en, title_zh, signed_on, total_amount, technology_amount,"
        " currency,"
        " total_cny, technology_cny, payment_mode, payment_terms, field, sub_field, ip_kind,"
        " plan_source, region, public_facts, registration_point_id, number, numbered_at,"
        " registered_at, edition, version, created_at, updated_at)"
        " SELECT %(mark)s || upper(lpad(to_hex(n), 6, '0')), %(point)s, '', %(state)s, type,"
        " CASE type WHEN 'development' THEN 'commissioned' WHEN 'transfer' THEN 'patent_transfer'"
        " WHEN 'licence' THEN 'ordinary_licence' WHEN 'consulting' THEN 'feasibility'"
        " ELSE 'general_service' END,"
        " rules, (ARRAY['Coating','Battery','Membrane','Sensor','Alloy'])[1 + n %% 5] || ' ' ||"
        " n, (ARRAY['涂层','电池','膜','传感器','合金'])[1 + n %% 5] || '技术' || n,"
        " (at AT TIME ZONE figure_zone())::date, amount, amount, 'CNY', amount, amount, 'lump_sum',"
        " '', field, '', CASE WHEN type IN ('transfer', 'licence') THEN 'invention' ELSE '' END,"
        " 'none', seller_place,"
        " (ARRAY['{title}','{title,parties}','{title,parties,amount}','{}','{amount}'])"
        "[1 + n %% 5]::varchar[], %(point)s, CASE WHEN %(registered)s THEN extract(year FROM at AT"
        " TIME ZONE figure_zone())::text || '99' || lpad(n::text, 10, '0') END,"
        " CASE WHEN %(registered)s THEN at END, CASE WHEN %(registered)s THEN at END, 1, 1, at, at"
        " FROM raw RETURNING id, public_id)"
        ", joined AS (SELECT m.id, r.* FROM made m JOIN raw r"
        " ON m.public_id = %(mark)s || upper(lpad(to_hex(r.n), 6, '0')))"
        ", sold AS (INSERT INTO contracts_contractparty (contract_id, position, role, name, kind,"
        " code, country, region, address, contact) SELECT id, 0, 'seller', 'Seller ' ||"
        " floor(power(n %% 100000, 1)), kind, 'S' || n %% 100000, 'CN', seller_place, '', ''"
        " FROM joined)"
        " INSERT INTO contracts_contractparty (contract_id, position, role, name, kind, code,"
        " country, region, address, contact) SELECT id, 1, 'buyer', 'Buyer ' || n %% 100000,"
        " CASE WHEN buyer_country = 'CN' THEN buyer_kind ELSE 'abroad' END, 'B' || n %% 100000,"
        " buyer_country,"
        " CASE WHEN buyer_country = 'CN' THEN buyer_place ELSE '' END, '', '' FROM joined",
        {
            "start": start, "number": number, "point": point.pk, "registered": registered,
            "mark": "FFFE" if registered else "FFFD",
            "state": "registered" if registered else "submitted",
            "without_licence": [
                rules.code for rules in _in_use() if "licence" not in rules.types
            ],
        },
    )  # fmt: skip


def _in_use() -> list[RuleSet]:
    return [rules for rules in all_rule_sets().values() if rules.enabled]


def _rules_of(moment: str) -> str:
    """The code of the rule set in force on the day of a moment, in SQL."""
    newest_first = sorted(_in_use(), key=lambda rules: rules.valid_from, reverse=True)
    cases = " ".join(
        f"WHEN ({moment} AT TIME ZONE figure_zone())::date >= date '{rules.valid_from}'"
        f" THEN '{rules.code}'"
        for rules in newest_first
    )
    return f"CASE {cases} END"


def _run(statement: str, values: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
