"""Many registered contracts at once, in SQL: as many and as much as a published table says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import connection

from contracts import figures

MADE = (
    "WITH made AS (INSERT INTO contracts_contract (public_id, filed_by_id, origin, state, type,"
    " sub_type, rule_set, title_en, title_zh, total_amount, technology_amount, currency, total_cny,"
    " technology_cny, payment_mode, payment_terms, field, sub_field, ip_kind, plan_source, region,"
    " public_facts, registration_point_id, edition, version, created_at, updated_at, number,"
    " numbered_at, registered_at)"
    " SELECT lpad(to_hex(%(serial)s + n), 10, 'F'), %(point)s, '', 'registered', %(type)s, '',"
    " 'CN-2001', '', '', amount, amount, 'CNY', amount, amount, '', '', %(field)s, '', '', 'none',"
    " '440300', %(public)s::varchar[], %(point)s, 1, 1, now(), now(),"
    " %(year)s || '440300' || lpad((%(serial)s + n)::text, 6, '0'), %(at)s, %(at)s"
    " FROM (SELECT n, CASE WHEN n < %(number)s THEN trunc(%(amount)s / %(number)s, 2)"
    " ELSE %(amount)s - trunc(%(amount)s / %(number)s, 2) * (%(number)s - 1) END AS amount"
    " FROM generate_series(1, %(number)s) n) spread RETURNING id, public_id)"
    " INSERT INTO contracts_contractparty (contract_id, position, role, name, kind,"
    " code, country, region, address, contact) SELECT id, 0, 'seller', 'Seller', %(seller)s,"
    " 'S' || (id %% 50), 'CN', '440305', '', '' FROM made UNION ALL"
    " SELECT id, 1, 'buyer', 'Buyer', 'enterprise_limited',"
    " 'B' || (id %% 50), %(country)s, %(place)s, '', '' FROM made"
)
_FACT = ", ".join(figures.FACT)
NOTED = (
    f"INSERT INTO contracts_figurechange (sign, {_FACT}) SELECT 1, {_FACT}"
    " FROM contracts_figurefact WHERE state = 'registered' AND number >= %s AND number < %s"
)


class Maker:
    """Collects a year, then inserts it as registered; the sums are kept by the database itself."""

    def __init__(self, point_id: int) -> None:
        self.point_id = point_id
        self.serial = 0
        self.drafts: list[dict[str, Any]] = []

    def add(
        self, number: int, amount: Decimal, *, type: str = "development",
        field: str = "electronic_information", seller: str = "enterprise_limited",
        place: str = "440300", public: list[str] | None = None,
    ) -> None:  # fmt: skip
        """`number` contracts that sum up to `amount` CNY."""
        is_country = len(place) == 2
        values: dict[str, Any] = {
            "serial": self.serial, "point": self.point_id, "type": type, "field": field,
            "number": number, "amount": amount, "seller": seller, "public": public or [],
            "country": place if is_country else "CN", "place": "" if is_country else place,
        }  # fmt: skip
        self.drafts.append(values)
        self.serial += number

    def register(self, year: int) -> None:
        """Every one gets a number of the year. Rows are checked by keys and constraints alone: the
        triggers that refuse or note them one by one are off, and the notes are made at once."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for name in ("contracts_contract", "contracts_contractparty"):
                cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            for values in self.drafts:
                when = {"year": str(year), "at": f"{year}-06-15T04:00:00Z"}
                cursor.execute(MADE, values | when)
            cursor.execute("ANALYZE contracts_contract")
            cursor.execute("ANALYZE contracts_contractparty")
            cursor.execute(NOTED, [str(year), str(year + 1)])
            for name in ("contracts_contract", "contracts_contractparty"):
                cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        self.drafts.clear()
        figures.fold_all()
