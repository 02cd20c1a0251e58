"""Contracts that the bench makes in SQL are such as people make: they keep every check, and are
counted the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from contracts import figures
from contracts.completeness import missing
from contracts.models import Contract, ContractParty
from contracts.rules import check_facts
from marketplace.bench import register
from tests.contracts import factories

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
MADE = 60


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def made(cast: Cast) -> list[Contract]:
    """As `register.fill` makes them, but for what no transaction allows."""
    for table, trigger in register._TRIGGERS:
        run(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    register._make(0, MADE, cast.point)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table, trigger in register._TRIGGERS:
        run(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
    return list(Contract.objects.filter(public_id__startswith="FFFE").order_by("id"))


def fact_of(contract: Contract) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(figures.FACT)} FROM contracts_figurefact WHERE contract_id = %s",
            [contract.pk],
        )
        return dict(zip(figures.FACT, cursor.fetchone(), strict=True))


def test_each_keeps_the_checks_of_drafts_submission_and_database(made: list[Contract]) -> None:
    assert len(made) == MADE
    today = timezone.localdate()
    for contract in made:
        contract.full_clean(exclude={"origin"})
        assert check_facts(contract, today).code == contract.rule_set
        assert set(missing(contract, today)) == {"files"}, contract.type
        for party in contract.parties.all():
            party.full_clean()
        assert (contract.number or "")[:4] == str(timezone.localdate(contract.numbered_at).year)


def test_all_are_counted(made: list[Contract]) -> None:
    for year in figures.years():
        figures.rebuild(year)
        assert figures.differences(year) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(contracts) FROM contracts_figurecell WHERE cube = 'year'")
        assert cursor.fetchone()[0] == MADE


def test_one_is_counted_like_the_same_contract_made_by_people(
    cast: Cast, made: list[Contract]
) -> None:
    like = next(row for row in made if row.rule_set == "CN-2021" and row.technology_cny < 5000000)
    seller, buyer = ContractParty.objects.filter(contract=like)
    names = ("role", "name", "kind", "code", "country", "region")
    own = factories.registered(
        cast, like.type, title_en=like.title_en, total_amount=like.total_amount, field=like.field,
        public_facts=like.public_facts, signed_on=like.signed_on, valid_from=None, valid_to=None,
        sides=[
            *({name: getattr(party, name) for name in names} for party in (seller, buyer)),
            {"role": "broker", "organisation": cast.home.public_id, "code": "91T",
             "kind": "enterprise_limited"},  # who registers it here
        ],
    )  # fmt: skip
    apart = {"contract_id", "year", "month"}
    facts = [{name: value for name, value in fact_of(row).items() if name not in apart}
             for row in (like, own)]  # fmt: skip
    assert facts[0] == facts[1]
