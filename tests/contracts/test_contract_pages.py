"""Pages of the parties and of the desk: they work without script, keep what was typed, and say
what is wrong in its place."""

from typing import Any

import pytest
from django.test import Client

from contracts.models import Contract
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.statements import own_queries

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def posted(page: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send from a page's forms, with changes."""
    data: dict[str, Any] = {}
    context = page.context
    forms = [
        context["form"],
        context["file_form"],
        *context["party_set"],
        *context["deduction_set"],
    ]
    for form in [*forms, context["party_set"].management_form,
                 context["deduction_set"].management_form]:  # fmt: skip
        for bound in form:
            value = bound.value()
            if value not in (None, "") and value is not False and bound.name != "file":
                data[bound.html_name] = value
    return {**data, **changes}


def edit_page(cast: Cast, contract: Contract) -> tuple[str, Any]:
    address = f"/contracts/{contract.public_id}/edit/"
    return address, cast.colleague.client.get(address)


def test_from_nothing_to_submitted_by_forms_alone(cast: Cast) -> None:
    client = cast.colleague.client
    page = client.get("/contracts/new/?type=service")
    assert page.status_code == 200 and "What kind of contract" in page.content.decode()
    answer = client.post(
        "/contracts/new/",
        {"type": "service", "organisation": cast.home.public_id, "side": "seller"},
    )
    contract = Contract.objects.get()
    address = f"/contracts/{contract.public_id}/edit/"
    assert answer["Location"] == address
    page = client.get(address)
    assert [form["role"].value() for form in page.context["party_set"]] == ["seller", "buyer"]

    # find the buyer on the platform: nothing is saved, everything typed stays
    data = posted(page, title_en="Loom tuning", find="1", **{"party-1-find": "Lakeside"})
    page = client.post(address, data)
    text = page.content.decode()
    assert page.status_code == 200 and "Lakeside University" in text and "Loom tuning" in text
    assert Contract.objects.get().version == 1

    # one more deduction row
    data = posted(page, add="deductions", **{"party-1-organisation": cast.outside.public_id})
    page = client.post(address, data)
    assert len(page.context["deduction_set"].forms) == 1
    assert "This field is required" not in page.content.decode()
    assert page.context["parties"][1]["organisation"] == cast.outside, "the choice stays"
    page = client.post(address, posted(page, add="parties"))
    assert [form["role"].value() for form in page.context["party_set"]][2] == "broker"
    assert "This field is required" not in page.content.decode()

    facts = factories.facts(cast)
    data = posted(page, save="1")
    data |= {
        "sub_type": "general_service", "signed_on": facts["signed_on"].isoformat(),
        "total_amount": "120,000.50", "payment_mode": "lump_sum", "field": "advanced_manufacturing",
        "registration_point": cast.point.public_id, "public_facts": ["title"],
        "party-0-kind": "enterprise_limited", "party-0-code": "91H",
        "party-1-organisation": cast.outside.public_id,
        "deduction-0-kind": "equipment", "deduction-0-amount": "20 000", "deduction-0-note": "Two",
        "file": factories.pdf(), "file_kind": "contract",
    }  # fmt: skip
    answer = client.post(address, data)
    assert answer.status_code == 302, answer.context and answer.context["problem"]
    contract.refresh_from_db()
    assert str(contract.technology_amount) == "100000.50"
    assert [party.name for party in contract.parties.all()] == ["灯笼工坊", "湖畔大学"]
    assert contract.files.count() == 1

    page = client.get(address)
    answer = client.post(address, posted(page, submit="1"))
    assert answer["Location"] == f"/contracts/{contract.public_id}/"
    page = client.get(answer["Location"])
    assert "Submitted. It is to be decided by" in page.content.decode()
    contract.refresh_from_db()
    assert contract.state == "submitted"


def test_wrong_input_is_told_in_place_and_nothing_typed_is_lost(cast: Cast) -> None:
    contract = factories.drafted(cast)
    address, page = edit_page(cast, contract)
    before = Contract.objects.filter(pk=contract.pk).values().get()
    answer = cast.colleague.client.post(
        address,
        posted(
            page,
            title_en="<script>alert(1)</script>",
            total_amount="-5",
            **{"party-1-country": "NO", "party-1-name": "Fjord"},
        ),
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "An amount cannot be negative." in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text and "<script>alert" not in text
    assert 'value="-5"' in text and 'value="Fjord"' in text
    assert Contract.objects.filter(pk=contract.pk).values().get() == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"signed_on": "2999-01-01"}, "The signing date lies in the future."),
        ({"deduction-TOTAL_FORMS": "1", "deduction-0-kind": "parts",
          "deduction-0-amount": "999999"}, "The deductions are larger than the total"),
        ({"party-1-name": "灯笼工坊", "party-1-unlink": "on"}, "are the same party"),
        ({"valid_from": "2026-03-01", "valid_to": "2026-01-01"}, "ends before it"),
        ({"total_amount": "12.345"}, "decimal places"),
        ({"title_en": "a\x00b"}, "ull characters"),
        ({"region": "999999"}, "is not a region code"),
        ({"field": "agriculture", "sub_field": "batteries"}, "does not belong to the field"),
        ({"type": "licence"}, "does not belong to the type"),
    ],
)  # fmt: skip
def test_refusals_of_the_action_stand_at_their_fields(
    cast: Cast, changes: dict[str, str], words: str
) -> None:
    contract = factories.drafted(cast, valid_from=None, valid_to=None)
    address, page = edit_page(cast, contract)
    answer = cast.colleague.client.post(address, posted(page, **changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Contract.objects.get(pk=contract.pk).version == contract.version


def test_submitting_too_early_saves_and_shows_what_is_missing(cast: Cast) -> None:
    contract = factories.drafted(cast, with_file=False, sub_type="")
    address, page = edit_page(cast, contract)
    answer = cast.colleague.client.post(address, posted(page, title_en="Kept", submit="1"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Attach the signed contract" in text and "Choose the sub-type." in text
    contract.refresh_from_db()
    assert (contract.title_en, contract.state) == ("Kept", "draft")
    # the hidden version is the stored one, so the next save goes through
    data = posted(answer, sub_type="general_service", file=factories.pdf(), submit="1")
    assert cast.colleague.client.post(address, data).status_code == 302
    contract.refresh_from_db()
    assert contract.state == "submitted"


def test_a_wrong_file_leaves_the_text_saved_and_says_what_is_wrong(cast: Cast) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    contract = factories.drafted(cast, with_file=False)
    address, page = edit_page(cast, contract)
    data = posted(page, title_en="Kept", file=SimpleUploadedFile("a.pdf", b"PK\x03\x04 zip"))
    answer = cast.colleague.client.post(address, data)
    assert answer.status_code == 422
    assert "The file’s content is not what its name says" in answer.content.decode()
    contract.refresh_from_db()
    assert contract.title_en == "Kept" and contract.files.count() == 0


def test_a_save_over_somebody_elses_change_is_refused_with_the_text_kept(cast: Cast) -> None:
    from contracts.actions import change_contract

    contract = factories.drafted(cast)
    address, page = edit_page(cast, contract)
    change_contract(
        actor=cast.owner.actor, contract_id=contract.pk, facts={"title_en": "The owner’s"}
    )
    answer = cast.colleague.client.post(address, posted(page, title_en="Mine"))
    assert answer.status_code == 412
    assert 'value="Mine"' in answer.content.decode()
    assert Contract.objects.get(pk=contract.pk).title_en == "The owner’s"


def test_parties_are_taken_off_and_unlinked(cast: Cast) -> None:
    contract = factories.drafted(cast)
    address, page = edit_page(cast, contract)
    answer = cast.colleague.client.post(
        address, posted(page, **{"party-1-unlink": "on", "party-1-name": "Lake Spin-off"})
    )
    assert answer.status_code == 302
    buyer = contract.parties.get(role="buyer")
    assert (buyer.name, buyer.organisation) == ("Lake Spin-off", None)
    assert cast.outsider.client.get(f"/contracts/{contract.public_id}/").status_code == 404
    _address, page = edit_page(cast, contract)
    cast.colleague.client.post(address, posted(page, **{"party-1-DELETE": "on"}))
    assert [party.role for party in contract.parties.all()] == ["seller"]


def test_a_truncated_form_saves_nothing(cast: Cast) -> None:
    contract = factories.drafted(cast)
    address, page = edit_page(cast, contract)
    data = posted(page, title_en="Cut")
    del data["party-TOTAL_FORMS"]
    answer = cast.colleague.client.post(address, data)
    assert answer.status_code == 422 and "arrived incomplete" in answer.content.decode()
    assert contract.parties.count() == 2
    assert Contract.objects.get(pk=contract.pk).version == contract.version


def test_live_amounts_are_worked_out_without_storing(cast: Cast) -> None:
    contract = factories.drafted(cast)
    before = Contract.objects.filter(pk=contract.pk).values().get()
    post = cast.colleague.client.post

    def said(**data: str) -> str:
        return post("/contracts/amounts/", data, **HTMX).content.decode()

    rows = {"deduction-TOTAL_FORMS": "2", "deduction-0-amount": "1,000", "deduction-1-amount": "x"}
    assert "¥5,999,000.00" in said(total_amount="6,000,000", currency="CNY", **rows)
    assert "a second registrar" in said(total_amount="6000000", currency="CNY")
    assert "¥700.00" in said(total_amount="100", currency="USD", rate="7")
    assert "Give the rate" in said(total_amount="100", currency="USD")
    assert "larger than the total" in said(total_amount="100", **{
        "deduction-TOTAL_FORMS": "1", "deduction-0-amount": "101"})  # fmt: skip
    assert "worked out here" in said(total_amount="a lot")
    assert "worked out here" in said(total_amount="")
    huge = {"deduction-TOTAL_FORMS": "9" * 30, "signed_on": "2026-99-99"}
    assert "¥100.00" in said(total_amount="100", **huge)
    assert Contract.objects.filter(pk=contract.pk).values().get() == before
    assert Client().post("/contracts/amounts/").status_code == 302


def test_the_buyer_reads_but_does_not_edit(cast: Cast) -> None:
    contract = factories.drafted(cast)
    page = cast.outsider.client.get(f"/contracts/{contract.public_id}/").content.decode()
    assert f"/contracts/{contract.public_id}/edit/" not in page
    answer = cast.outsider.client.get(f"/contracts/{contract.public_id}/edit/")
    assert answer.status_code == 403
    listed = cast.outsider.client.get("/contracts/").content.decode()
    assert f"/contracts/{contract.public_id}/" in listed
    assert f"/contracts/{contract.public_id}/edit/" not in listed


def test_the_parties_do_not_see_who_examines(cast: Cast) -> None:
    from contracts.actions.examination import release

    contract = factories.examined(cast)
    release(actor=cast.registrar.actor, contract_id=contract.pk)
    page = cast.colleague.client.get(f"/contracts/{contract.public_id}/").content.decode()
    api = cast.colleague.api.get(f"/api/v1/contracts/{contract.public_id}/").json()
    assert "Put back into the queue" not in page and "Examination begun" not in page
    assert cast.registrar.user.name not in page
    assert [row["kind"] for row in api["decisions"]] == ["submitted"]
    at_desk = cast.registrar.client.get(desk(contract)).content.decode()
    assert "Put back into the queue" in at_desk


def test_returned_remarks_lead_back_to_the_form(cast: Cast) -> None:
    from contracts.actions.examination import return_

    contract = factories.examined(cast)
    return_(actor=cast.registrar.actor, contract_id=contract.pk,
            remarks={"total_amount": "Itemise the cameras."})  # fmt: skip
    for page in (f"/contracts/{contract.public_id}/", f"/contracts/{contract.public_id}/edit/"):
        assert "Itemise the cameras." in cast.colleague.client.get(page).content.decode()
    address = f"/contracts/{contract.public_id}/submit/"
    assert cast.colleague.client.post(address).status_code == 302
    assert Contract.objects.get(pk=contract.pk).state == "submitted"


def test_withdraw_amend_and_cancel_by_button(cast: Cast) -> None:
    post = cast.colleague.client.post
    draft = factories.drafted(cast)
    post(f"/contracts/{draft.public_id}/withdraw/")
    assert Contract.objects.get(pk=draft.pk).state == "withdrawn"
    old = factories.registered(cast)
    answer = post(f"/contracts/{old.public_id}/amend/")
    amendment = Contract.objects.get(amends=old)
    assert answer["Location"] == f"/contracts/{amendment.public_id}/edit/"
    post(f"/contracts/{old.public_id}/cancel/", {"words": ""})
    assert Contract.objects.get(pk=old.pk).state == "registered"
    post(f"/contracts/{old.public_id}/cancel/", {"words": "Rescinded."})
    assert Contract.objects.get(pk=old.pk).state == "cancelled"


# --- The desk ------------------------------------------------------------------------------------


def desk(contract: Contract, step: str = "") -> str:
    return f"/registrar/contracts/{contract.public_id}/" + (f"{step}/" if step else "")


def test_a_file_goes_over_the_desk_by_buttons(cast: Cast) -> None:
    contract = factories.submitted(cast)
    client = cast.registrar.client
    assert contract.title_en in client.get("/registrar/").content.decode()
    client.post(desk(contract, "claim"))
    page = client.get(desk(contract))
    assert page.context["may_decide"] and "Checked for you" in page.content.decode()
    answer = client.post(desk(contract, "return"), {"return-words": ""})
    assert answer.status_code == 422
    assert "Say what is to be corrected." in answer.content.decode()
    answer = client.post(desk(contract, "refuse"), {"refuse-reason": "other"})
    assert answer.status_code == 422 and "Say why in words." in answer.content.decode()
    answer = client.post(desk(contract, "register"))
    contract.refresh_from_db()
    assert contract.state == "registered" and answer["Location"] == desk(contract)
    assert contract.number in client.get("/registrar/?tab=decided").content.decode()
    # a late second click is told kindly
    assert client.post(desk(contract, "register"), follow=True).status_code == 200
    assert client.post(desk(contract, "dance")).status_code == 404


def test_a_return_with_remarks_at_fields(cast: Cast) -> None:
    contract = factories.examined(cast)
    cast.registrar.client.post(
        desk(contract, "return"), {"return-remarks.files": "Page 4 is missing."}
    )
    assert contract.decisions.last().remarks == {"files": "Page 4 is missing."}


def test_second_review_over_the_desk(cast: Cast) -> None:
    contract = factories.in_second_review(cast)
    page = cast.registrar.client.get(desk(contract))
    assert not page.context["may_second"]
    answer = cast.registrar.client.post(desk(contract, "approve"), follow=True)
    assert "another person than the first" in answer.content.decode()
    other = Client()
    other.force_login(
        factories.second_registrar(cast),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    assert other.get(desk(contract)).context["may_second"]
    other.post(desk(contract, "approve"))
    contract.refresh_from_db()
    assert contract.state == "registered"
    other.post(desk(contract, "revoke"), {"end-words": ""})
    assert Contract.objects.get(pk=contract.pk).state == "registered"
    other.post(desk(contract, "revoke"), {"end-words": "Fraud."})
    assert Contract.objects.get(pk=contract.pk).state == "revoked"


def test_the_desk_is_for_registrars(cast: Cast) -> None:
    contract = factories.submitted(cast)
    for name, player in cast.everybody.items():
        status = 200 if name == "registrar" else 302 if name == "visitor" else 403
        assert player.client.get("/registrar/").status_code == status, name
        assert player.client.get(desk(contract)).status_code == status, name
        if name not in ("registrar", "visitor"):
            assert player.client.post(desk(contract, "claim")).status_code == 403, name
    assert Contract.objects.get(pk=contract.pk).state == "submitted"


def test_settings_of_the_point(cast: Cast) -> None:
    address = f"/registrar/points/{cast.point.public_id}/"
    client = cast.registrar.client
    data = {"code": "440300", "decision_days": "10", "closed_days": "2026-10-01, 2026-10-02"}
    assert client.get(address).status_code == 200
    assert client.post(address, {**data, "closed_days": "soon"}).status_code == 422
    assert client.post(address, data).status_code == 302
    settings = cast.point.registration_settings
    assert settings.decision_days == 10 and len(settings.closed_days) == 2
    assert cast.outsider.client.get(address).status_code == 403


# --- Both languages, and the price of a page -----------------------------------------------------


def test_pages_stand_in_both_languages(cast: Cast) -> None:
    draft, done = factories.drafted(cast), factories.registered(cast)
    pages = {
        "/contracts/": cast.colleague, "/contracts/new/": cast.colleague,
        f"/contracts/{draft.public_id}/edit/?check=1": cast.colleague,
        f"/contracts/{done.public_id}/": cast.colleague,
        "/registrar/": cast.registrar, desk(done): cast.registrar,
        "/register/": cast.visitor, f"/register/{done.number}/": cast.visitor,
    }  # fmt: skip
    for address, player in pages.items():
        for language in ("en", "zh-hans"):
            player.client.cookies["language"] = language
            answer = player.client.get(address)
            assert answer.status_code == 200, address
            text = answer.content.decode()
            assert f'<html lang="{"en" if language == "en" else "zh-Hans"}"' in text
            assert " style=" not in text and "onclick=" not in text
        player.client.cookies["language"] = "en"


def test_lists_cost_the_same_for_one_and_for_three(cast: Cast) -> None:
    for rows in (1, 3):
        while Contract.objects.count() < rows:
            factories.submitted(cast)
        # tabs, count, rows, parties
        assert own_queries(lambda: cast.colleague.client.get("/contracts/")) == 4
        assert own_queries(lambda: cast.registrar.client.get("/registrar/")) == 4


def test_a_contract_page_costs_the_same_with_one_part_and_with_three(cast: Cast) -> None:
    rows = [{"kind": "parts", "amount": "1.00"}]
    for times in (1, 3):
        contract = factories.examined(cast, deductions=rows * times)
        page = f"/contracts/{contract.public_id}/"
        assert own_queries(lambda page=page: cast.colleague.client.get(page)) == 10
        assert own_queries(lambda c=contract: cast.registrar.client.get(desk(c))) <= 20
