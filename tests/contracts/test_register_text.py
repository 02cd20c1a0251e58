"""The register's search for parts of titles: what is found, by which index, and among many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contracts.actions.endings import revoke
from contracts.figures import fold_all
from contracts.models import FigureCell
from contracts.queries import register_text
from contracts.queries.register import narrow, registered
from contracts.queries.register_counts import count_register
from tests.contracts import factories
from tests.plans import leave_only

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db

TITLES = {
    "film": ("AI for 5G membranes (v2.0)", "薄膜制备"),
    "fan": ("Supply chain of quiet fans", "静音风扇供应链"),
    "secret": ("AI membranes", "薄膜秘方"),
}


@pytest.fixture
def names(cast: Cast) -> dict[int, str]:
    told = {}
    for name, (en, zh) in TITLES.items():
        shown = [] if name == "secret" else ["title"]
        contract = factories.registered(cast, title_en=en, title_zh=zh, public_facts=shown)
        told[contract.pk] = name
    return told


@pytest.mark.parametrize("bound", [10_000, 0])  # looked up, or so many that they are walked
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("薄膜", {"film"}), ("薄", {"film"}), ("膜制", {"film"}), ("膜薄", set()),
        ("静音 风扇", set()), ("音风扇", {"fan"}), ("AI", {"film"}), ("ai", {"film"}),
        ("5g", {"film"}), ("ha", set()), ("cha", {"fan"}), ("MEMBRANES (V2.0)", {"film"}),
        ("quiet%", set()), ("q.iet", set()), ("\\", set()), ("秘方", set()), ("zz", set()),
        ("of quiet", {"fan"}), ("供应链", {"fan"}), ("𠀀", set()),
    ],
)  # fmt: skip
def test_what_a_text_finds(
    names: dict[int, str], text: str, found: set[str], bound: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_text, "BOUND", bound)
    assert {names[one.pk] for one in narrow(registered(), text=text)} == found
    looked_up = register_text.find(text)
    assert (looked_up.ids is None) == (bound == 0 and bool(found))
    if bound:
        assert count_register(looked_up).total((), (), ()) == len(found)


def test_a_number_is_found_by_its_beginning(names: dict[int, str]) -> None:
    hidden = next(pk for pk, name in names.items() if name == "secret")
    number = registered().get(pk=hidden).number
    assert number is not None
    assert {one.pk for one in narrow(registered(), text=number[:10])} >= {hidden}
    assert [one.pk for one in narrow(registered(), text=number)] == [hidden]
    assert not narrow(registered(), text="9" * 17).exists()


def test_all_counts_are_those_of_the_list(cast: Cast, names: dict[int, str]) -> None:
    ended = next(iter(names))
    fold_all()
    assert FigureCell.objects.exists()
    revoke(actor=cast.registrar.actor, contract_id=ended, words="Fraud.")
    for _again in range(2):
        counts = count_register()
        assert counts.total((), (), ()) == registered().count() == 3
        assert counts.by_type((), ()) == {"service": 3}
        assert counts.total(["licence"], (), ()) == 0
        fold_all()


def test_too_many_to_be_counted_are_listed_without_counts(
    cast: Cast, names: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("contracts.queries.register_text.BOUND", "contracts.views.register.BOUND"):
        monkeypatch.setattr(place, 1)
    text = "i"  # a word of no title
    page = cast.visitor.client.get(f"/register/?q={text}")
    assert page.context["total"] == 0 and not page.context["is_cut"]
    page = cast.visitor.client.get("/register/?q=an")
    assert page.context["total"] == 0
    monkeypatch.setattr("contracts.queries.register_text.BOUND", 0)
    page = cast.visitor.client.get("/register/?q=fans")
    told = page.content.decode()
    assert page.context["is_cut"] and "More than 1 contract" in told
    assert "Supply chain of quiet fans" in told
    assert {row["count"] for rows in page.context["facets"].values() for row in rows} == {None}
    assert page.context["facets"]["year"], "each year can be chosen, counted or not"


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("membranes", "contract_register_titles"), ("供应链", "contract_register_titles"),
        ("薄膜", "contract_register_grams"), ("膜", "contract_register_grams"),
        ("AI", "contract_register_grams"), ("202644", "contract_number_once"),
    ],
)  # fmt: skip
def test_a_text_is_looked_up_by_an_index(names: dict[int, str], text: str, index: str) -> None:
    # digits may begin a number or stand in a title: both ways are looked up
    leave_only("contracts_contract", index, *(["contract_register_titles"] * text.isdigit()))
    assert index in register_text.looked_up(text).order_by().explain()
