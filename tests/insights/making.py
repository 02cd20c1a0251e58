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
    " public_facts, registration_point_id, edition, version, created_at, updated_at)"
    " SELECT lpad(to_hex(%(serial)s + n), 10, 'F'), %(point)s, '', 'draft', %(type)s, '',"
    " 'CN-2001', '', '', amount, amount, 'CNY', amount, amount, '', '', %(field)s, '', '', 'none',"
    " '440300', %(public)s::varchar[], %(point)s, 1, 1, now(), now()"
    " FROM (SELECT n, CASE WHEN n < %(number)s THEN trunc(%(amount)s / %(number)s, 2)"
    " ELSE %(amount)s - trunc(%(amount)s / %(number)s, 2) * (%(number)s - 1) END AS amount"
    " FROM generate_series(1, %(number)s) n) spread RETURNING id, public_id),"
    " seller AS (INSERT INTO contracts_contractparty (contract_id, position, role, name, kind,"
    " code, country, region, address, contact) SELECT id, 0, 'seller', 'Seller', %(seller)s,"
    " 'S' || (id %% 50), 'CN', '440305', '', '' FROM made),"
    " buyer AS (INSERT INTO contracts_contractparty (contract_id, position, role, name, kind, code,"
    " country, region, address, contact) SELECT id, 1, 'buyer', 'Buyer', 'enterprise_limited',"
    " 'B' || (id %% 50), %(country)s, %(place)s, '', '' FROM made) SELECT count(*) FROM made"
)
REGISTERED = (
    "UPDATE contracts_contract c SET state = 'registered', number = %(year)s || '440300' ||"
    " lpad(n::text, 6, '0'), numbered_at = %(at)s, registered_at = %(at)s FROM (SELECT id,"
    " row_number() OVER (ORDER BY id) AS n FROM contracts_contract WHERE state = 'draft') d"
    " WHERE d.id = c.id"
)


class Maker:
    """Makes drafts of a year, then registers them; the sums are kept by the database itself."""

    def __init__(self, point_id: int) -> None:
        self.point_id = point_id
        self.serial = 0

    def add(
        self, number: int, amount: Decimal, *, type: str = "development",
        field: str = "electronic_information", seller: str = "enterprise_limited",
        place: str = "440300", public: list[str] | None = None,
    ) -> None:  # fmt: skip
        """`number` drafts that sum up to `amount` CNY."""
        is_country = len(place) == 2
        values: dict[str, Any] = {
            "serial": self.serial, "point": self.point_id, "type": type, "field": field,
            "number": number, "amount": amount, "seller": seller, "public": public or [],
            "country": place if is_country else "CN", "place": "" if is_country else place,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(MADE, values)
        self.serial += number

    def register(self, year: int) -> None:
        """Every draft gets a number of the year."""
        with connection.cursor() as cursor:
            cursor.execute(REGISTERED, {"year": str(year), "at": f"{year}-06-15T04:00:00Z"})
            cursor.execute("ANALYZE contracts_contract")
            cursor.execute("ANALYZE contracts_contractparty")
        figures.fold_all()
