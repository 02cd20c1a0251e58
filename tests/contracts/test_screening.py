"""Export and import screening: what crosses the border, holds, decisions, what carries over."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership
from accounts.queries import actor_for
from contracts import screening as room
from contracts.actions import add_file, change_contract, start_amendment, submit_contract
from contracts.actions.catalogues import load_catalogue
from contracts.actions.decisions import approve_second, refuse, register_contract
from contracts.actions.examination import claim, return_
from contracts.actions.screening import decide_hit, screen_due
from contracts.models import Catalogue, CatalogueEntry, Contract, HitDecision, Screening
from contracts.queries import screening as queries
from events.models import Event, Notification
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from tests.accounts.factories import MembershipFactory, OrganisationFactory
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.documents import pdf_of, upload

pytestmark = pytest.mark.django_db
SAMPLES = Path(room.__file__).parent / "samples"
ABROAD = {"role": "buyer", "name": "Fjord Cells AS", "kind": "abroad", "country": "NO",
          "code": "NO-1"}  # fmt: skip
HIT = {"title_en": "Licence of a low-temperature electrolyte", "title_zh": "低温电解液许可",
       "field": "new_energy"}  # fmt: skip


@pytest.fixture
def samples() -> None:
    load_samples()


def load_samples() -> None:
    for path in sorted(SAMPLES.glob("*.yaml")):
        load_catalogue(actor=Actor.system(), content=path.read_bytes(), is_csv=False)


def sides(cast: Cast, **buyer: Any) -> list[dict[str, Any]]:
    return [factories.parties(cast)[0], {**ABROAD, **buyer}]


def examined(cast: Cast, run_jobs: Any, **values: Any) -> Contract:
    """An export under examination, its files read."""
    contract = factories.examined(cast, sides=sides(cast), **{**HIT, **values})
    run_jobs()
    return contract


def only_hit(contract: Contract) -> Any:
    found = queries.newest(contract)
    assert found is not None
    (hit,) = found.hits.all()
    return hit


def decide(cast: Cast, contract: Contract, outcome: str = "not_covered", **values: Any) -> Any:
    given = {"words": "It works above -20 °C only.", **values}
    return decide_hit(
        actor=cast.registrar.actor, contract_id=contract.pk, hit_id=only_hit(contract).pk,
        outcome=outcome, **given,
    )  # fmt: skip


def register(cast: Cast, contract: Contract) -> Contract:
    return register_contract(actor=cast.registrar.actor, contract_id=contract.pk)


# --- What crosses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seller", "buyer", "ways"),
    [
        ({}, {}, []),
        ({}, {"country": "NO"}, ["export"]),
        ({"country": "GB"}, {}, ["import"]),
        ({"country": "GB"}, {"country": "NO"}, []),
        ({}, {"country": "HK"}, ["export"]),
        ({}, {"region": "810000"}, ["export"]),
        ({"country": "TW"}, {"region": "440300"}, ["import"]),
        ({}, {"kind": "enterprise_hmt", "region": "440300"}, []),
        ({}, {"kind": "enterprise_foreign_funded"}, []),
    ],
)
def test_what_crosses_the_border(seller: dict, buyer: dict, ways: list[str]) -> None:
    from contracts.models import ContractParty
    from contracts.screening.border import directions

    rows = [ContractParty(role="seller", **seller), ContractParty(role="buyer", **buyer),
            ContractParty(role="broker", country="CH")]  # fmt: skip
    assert directions(rows) == ways
    if ways:
        both = [*rows, ContractParty(role="seller", country="GB"), ContractParty(role="seller"),
                ContractParty(role="buyer", country="GB"), ContractParty(role="buyer")]  # fmt: skip
        assert directions(both) == ["export", "import"]


def test_a_contract_inside_is_not_screened(cast: Cast, samples: None) -> None:
    contract = factories.examined(cast, **HIT)
    assert not Screening.objects.exists()
    assert register(cast, contract).state == "registered"


def test_an_export_is_screened_at_submission_and_holds(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = factories.examined(cast, sides=sides(cast), **HIT)
    with pytest.raises(Conflict) as refusal:
        register(cast, contract)
    assert refusal.value.code == "not_screened", "the file is still to be read"
    run_jobs()
    row = queries.newest(contract)
    assert row and row.state == "done" and row.directions == ["export"]
    assert row.unread == ["contract.pdf"], "what cannot be read is said"
    hit = only_hit(contract)
    assert hit.entry.code == "SX-0201" and hit.holds
    assert {reason["fact"] for reason in hit.reasons} == {"title_en", "title_zh"}
    with pytest.raises(Conflict) as refusal:
        register(cast, contract)
    assert refusal.value.code == "screening_holds" and "SX-0201" in str(refusal.value)
    decide(cast, contract)
    assert register(cast, contract).state == "registered"


def test_without_a_catalogue_nothing_holds(cast: Cast) -> None:
    contract = factories.examined(cast, sides=sides(cast), **HIT)
    assert register(cast, contract).state == "registered"


def test_what_is_said_in_the_file_is_found_with_its_page(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = factories.drafted(cast, sides=sides(cast), with_file=False)
    content = pdf_of(
        ["Nothing here. The parties agree as follows.",
         "The Licensor grants know-how on grain boundary diffusion of magnets."]
    )  # fmt: skip
    add_file(actor=cast.colleague.actor, contract_id=contract.pk,
             upload=upload(content, "deed.pdf"))  # fmt: skip
    submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    run_jobs()
    hit = only_hit(contract)
    (reason,) = hit.reasons
    assert hit.entry.code == "SX-0202"
    assert (reason["name"], reason["unit"], reason["at"]) == ("deed.pdf", "page", 2)
    assert "grain boundary diffusion" in reason["quote"]
    assert queries.newest(contract).unread == []


def test_the_rule_set_says_what_holds(cast: Cast, samples: None, run_jobs: Any,
                                      monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from dataclasses import replace

    from contracts.actions import screening as actions
    from contracts.rule_sets import ScreeningRules, rule_set

    looser = replace(rule_set("CN-2021"), screening=ScreeningRules(frozenset({"prohibited"})))
    monkeypatch.setattr(actions, "rule_set", lambda code: looser)
    contract = examined(cast, run_jobs)
    assert not only_hit(contract).holds
    assert register(cast, contract).state == "registered"


# --- Deciding ------------------------------------------------------------------------------------


def test_a_decision_is_kept_with_words_person_and_event(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = examined(cast, run_jobs)
    day = timezone.localdate()
    decide(
        cast, contract, "licensed", words="Licence shown.", note="Called the bureau.",
        licence_number="L-7", licence_on=day, licence_by="Bureau of Commerce",
    )  # fmt: skip
    row = HitDecision.objects.get()
    assert (row.outcome, row.licence_number, row.decided_by_id, row.carried_from) == (
        "licensed", "L-7", cast.registrar.user.pk, None,
    )  # fmt: skip
    event = Event.objects.get(kind="contract.hit_decided")
    assert event.data["outcome"] == "licensed" and "bureau" not in str(event.data).lower()
    again = decide(cast, contract, "not_covered")
    assert queries.decision_of(only_hit(contract)) == again and HitDecision.objects.count() == 2
    for change in (lambda: HitDecision.objects.update(words="x"),
                   lambda: HitDecision.objects.all().delete(),
                   lambda: CatalogueEntry.objects.update(code="x")):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"words": " "}, {"words"}),
        ({"outcome": "maybe"}, {"outcome"}),
        ({"outcome": "licensed"}, {"licence_number", "licence_on", "licence_by"}),
        ({"outcome": "licensed", "licence_number": "1", "licence_by": "B",
          "licence_on": dt.date(2999, 1, 1)}, {"licence_on"}),
        ({"note": "a\x00"}, {"note"}),
    ],
)  # fmt: skip
def test_a_faulty_decision_names_its_fields(
    cast: Cast, samples: None, run_jobs: Any, values: dict, wrong: set[str]
) -> None:
    contract = examined(cast, run_jobs)
    with pytest.raises(Invalid) as refusal:
        decide(cast, contract, **values)
    assert set(refusal.value.fields) == wrong
    assert not HitDecision.objects.exists()


def test_what_is_prohibited_has_no_licence_and_barred_is_refused(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = examined(
        cast, run_jobs, title_en="Know-how on a male-sterile rice line", title_zh="",
        field="agriculture",
    )  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        decide(cast, contract, "licensed", licence_number="1", licence_by="B",
               licence_on=timezone.localdate())  # fmt: skip
    assert set(refusal.value.fields) == {"outcome"}
    decide(cast, contract, "barred")
    with pytest.raises(Conflict) as barred:
        register(cast, contract)
    assert barred.value.code == "screening_barred"
    from contracts.rule_sets import all_rule_sets

    assert all(one.screening.refusal in one.refusals for one in all_rule_sets().values())
    done = refuse(actor=cast.registrar.actor, contract_id=contract.pk, reason="approval_missing")
    assert done.state == "refused"


def test_who_decides(cast: Cast, samples: None, run_jobs: Any) -> None:
    contract = factories.submitted(cast, sides=sides(cast), **HIT)
    run_jobs()
    with pytest.raises(Conflict):
        decide(cast, contract)  # not claimed
    claim(actor=cast.registrar.actor, contract_id=contract.pk)
    hit = only_hit(contract)

    def by(actor: Actor, contract_id: int = contract.pk, hit_id: int = hit.pk) -> None:
        decide_hit(actor=actor, contract_id=contract_id, hit_id=hit_id, outcome="not_covered",
                   words="x")  # fmt: skip

    elsewhere = OrganisationFactory(registration_point=True, region="510100")
    far = MembershipFactory(organisation=elsewhere, roles=["registrar"]).user
    for actor in (cast.colleague.actor, cast.operator.actor, actor_for(far, "en")):
        with pytest.raises(NotFound):
            by(actor)
    other = factories.second_registrar(cast)
    with pytest.raises(Refused) as refusal:
        by(actor_for(other, "en"))
    assert refusal.value.code == "not_your_file"
    Membership.objects.create(user=cast.registrar.user, organisation=cast.home, roles=["analyst"])
    with pytest.raises(Refused) as refusal:
        by(cast.registrar.fresh())
    assert refusal.value.code == "tied"
    Membership.objects.filter(user=cast.registrar.user, organisation=cast.home).delete()
    with pytest.raises(NotFound):
        by(cast.registrar.fresh(), hit_id=hit.pk + 1000)
    third = examined(cast, run_jobs, title_en="Sale of a deep UV crystal", title_zh="")
    with pytest.raises(NotFound):
        by(cast.registrar.fresh(), contract_id=third.pk)
    assert not HitDecision.objects.exists()


def test_a_large_contract_is_held_again_when_a_catalogue_comes_between(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = examined(cast, run_jobs, total_amount=factories.LARGE)
    decide(cast, contract)
    assert register(cast, contract).state == "second_review"
    load_new_edition(extra="SX-0999")
    other = actor_for(factories.second_registrar(cast), "en")
    with pytest.raises(Conflict) as refusal:
        approve_second(actor=other, contract_id=contract.pk)
    assert refusal.value.code == "not_screened"
    run_jobs()
    by_code = {hit.entry.code: hit for hit in queries.newest(contract).hits.all()}
    assert queries.decision_of(by_code["SX-0201"]) is not None
    new = by_code["SX-0999"]
    assert queries.decision_of(new) is None
    with pytest.raises(Refused):
        decide_hit(actor=cast.registrar.actor, contract_id=contract.pk, hit_id=new.pk,
                   outcome="not_covered", words="x")  # fmt: skip
    decide_hit(actor=other, contract_id=contract.pk, hit_id=new.pk, outcome="not_covered",
               words="x")  # fmt: skip
    assert approve_second(actor=other, contract_id=contract.pk).state == "registered"


# --- Again ---------------------------------------------------------------------------------------


def load_new_edition(*, extra: str = "", drop: str = "") -> Catalogue:
    """The sample of exports as of today, with one more entry or one less."""
    import yaml

    raw = yaml.safe_load((SAMPLES / "sample-export.yaml").read_text("utf-8"))
    raw["valid_from"] = timezone.localdate()
    raw["entries"] = [row for row in raw["entries"] if row["code"] != drop]
    if extra:
        raw["entries"].append({"code": extra, "kind": "restricted", "name_en": "Cold cells",
                               "name_zh": "耐寒电池", "terms": ["低温电解液"]})  # fmt: skip
    text = yaml.safe_dump(raw, allow_unicode=True).encode()
    loaded = load_catalogue(actor=Actor.system(), content=text, is_csv=False)
    assert loaded.catalogue
    return loaded.catalogue


def test_a_new_edition_screens_what_is_not_decided_and_keeps_decisions(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = examined(cast, run_jobs)
    decided = decide(cast, contract)
    ended = factories.examined(cast, sides=sides(cast))
    run_jobs()
    register(cast, ended)
    load_new_edition(extra="SX-0999")
    run_jobs()
    assert contract.screenings.count() == 2 and ended.screenings.count() == 1
    codes = {
        hit.entry.code: queries.decision_of(hit) for hit in queries.newest(contract).hits.all()
    }
    assert codes["SX-0999"] is None
    assert codes["SX-0201"].carried_from == decided and codes["SX-0201"].words == decided.words
    told = Notification.objects.filter(kind="contract.screening_hits")
    assert set(told.values_list("recipient_id", flat=True)) == {cast.registrar.user.pk}
    run_jobs()
    assert screen_due() == 0, "again changes nothing"
    old = contract.screenings.last().hits.get()
    with pytest.raises(Conflict) as refusal:
        decide_hit(actor=cast.registrar.actor, contract_id=contract.pk, hit_id=old.pk,
                   outcome="barred", words="x")  # fmt: skip
    assert refusal.value.code == "screened_anew"


def test_what_lay_there_before_there_was_screening_is_screened_by_the_clock(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = examined(cast, run_jobs)
    Screening.objects.all().delete()
    with pytest.raises(Conflict) as refusal:
        register(cast, contract)
    assert refusal.value.code == "not_screened"
    assert screen_due() == 1
    run_jobs()
    assert only_hit(contract).entry.code == "SX-0201"


def amendment(cast: Cast, run_jobs: Any, old: Contract, **facts: Any) -> Contract:
    draft = start_amendment(actor=cast.colleague.actor, contract_id=old.pk)
    rows = {"instalments": facts.pop("instalments")} if "instalments" in facts else {}
    change_contract(actor=cast.colleague.actor, contract_id=draft.pk, facts=facts, **rows)
    submit_contract(actor=cast.colleague.actor, contract_id=draft.pk)
    run_jobs()
    return draft


@pytest.mark.parametrize(
    ("facts", "carries"),
    [
        ({"total_amount": "150000.00"}, True),
        ({"title_en": "Licence of a low-temperature electrolyte and its use"}, False),
        ({"payment_terms": "Twice a year."}, False),
        (
            {
                "payment_mode": "instalments",
                "instalments": [{"event": "delivery of the recipe", "amount": "120000.00"}],
            },
            False,
        ),
        (
            {
                "payment_mode": "instalments",
                "instalments": [{"due_on": "2027-01-31", "amount": "120000.00"}],
            },
            True,
        ),
    ],
)
def test_an_amendment_carries_decisions_only_with_the_same_text(
    cast: Cast, samples: None, run_jobs: Any, facts: dict, carries: bool
) -> None:
    contract = examined(cast, run_jobs)
    decided = decide(cast, contract)
    register(cast, contract)
    draft = amendment(cast, run_jobs, contract, **facts)
    carried = queries.decision_of(only_hit(draft))
    assert (carried is not None) == carries
    if carries:
        assert (carried.carried_from, carried.decided_by_id) == (decided, decided.decided_by_id)
    assert queries.decision_of(only_hit(contract)) == decided, "it stays with its version"


@pytest.mark.parametrize("name", ["event", "note"])
def test_words_of_an_instalment_are_screened(
    cast: Cast, samples: None, run_jobs: Any, name: str
) -> None:
    said = {"due_on": "2027-01-31", "amount": "120000.00", name: HIT["title_en"]}
    contract = factories.examined(
        cast, sides=sides(cast), title_en="Licence", payment_mode="instalments",
        instalments=[said], field="new_energy",
    )  # fmt: skip
    run_jobs()
    hit = only_hit(contract)
    assert hit.entry.code == "SX-0201"
    assert {reason["fact"] for reason in hit.reasons} == {"instalments"}


def test_an_amendment_does_not_carry_to_an_entry_that_says_something_else(
    cast: Cast, samples: None, run_jobs: Any
) -> None:
    contract = examined(cast, run_jobs)
    decide(cast, contract)
    register(cast, contract)
    load_new_edition(drop="SX-0201", extra="SX-0201")
    draft = amendment(cast, run_jobs, contract, total_amount="150000.00")
    assert queries.decision_of(only_hit(draft)) is None


def test_another_buyer_is_another_question(cast: Cast, samples: None, run_jobs: Any) -> None:
    contract = examined(cast, run_jobs)
    decide(cast, contract)
    return_(actor=cast.registrar.actor, contract_id=contract.pk, words="Which buyer?")
    change_contract(
        actor=cast.colleague.actor, contract_id=contract.pk,
        parties=sides(cast, name="Tundra Cells AS", country="SE"),
    )  # fmt: skip
    submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)
    run_jobs()
    assert queries.decision_of(only_hit(contract)) is None
