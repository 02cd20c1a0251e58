"""The form of a draft: every fault with its place, choices that follow one another, amounts as
people read them, what is optional folded away."""

import re
from typing import Any

import pytest

from contracts.actions.examination import claim, return_
from contracts.models import Contract
from contracts.views.mine import stages
from events.models import Notification
from marketplace.core.errors import Conflict
from tests.cast import Cast
from tests.contracts import factories
from tests.contracts.test_contract_pages import edit_page, posted

pytestmark = pytest.mark.django_db


def faults(page: Any) -> list[tuple[str, str]]:
    return [(fault.part, fault.anchor) for fault in page.context["faults"]]


def test_a_refused_submission_lists_every_fault_with_a_link_to_its_input(cast: Cast) -> None:
    draft = factories.drafted(
        cast, with_file=False, sub_type="", field="", signed_on=None, payment_mode="instalments",
        sides=[factories.parties(cast)[0], {"role": "buyer", "name": "Typed Ltd"}],
    )  # fmt: skip
    address, page = edit_page(cast, draft)
    answer = cast.colleague.client.post(address, posted(page, submit="1"))
    text = answer.content.decode()
    found = faults(answer)
    assert answer.status_code == 422
    assert {part for part, _anchor in found} == {"what", "payment", "files", "parties"}
    assert {"id_sub_type", "id_field", "id_signed_on", "id_file", "instalments"} <= {
        anchor for _part, anchor in found
    }
    for _part, anchor in found:
        assert f'href="#{anchor}"' in text and f'id="{anchor}"' in text, anchor
    assert [step["faults"] for step in answer.context["steps"]] == [3, 3, 0, 1, 1, 0]
    assert len(re.findall("data-focus", text)) == 1


def test_what_cannot_be_read_is_listed_the_same_way(cast: Cast) -> None:
    address, page = edit_page(cast, factories.drafted(cast))
    wrong = {"total_amount": "much", "valid_to": "never", "party-0-country": "ZZ"}
    answer = cast.colleague.client.post(address, posted(page, **wrong))
    assert answer.status_code == 422 and 'value="much"' in answer.content.decode()
    assert faults(answer) == [
        ("what", "id_valid_to"), ("parties", "id_party-0-country"), ("amounts", "id_total_amount"),
    ]  # fmt: skip


def test_a_fault_opens_what_is_folded(cast: Cast) -> None:
    address, page = edit_page(cast, factories.drafted(cast))
    assert '<details class="fold fold--inputs" open>' not in page.content.decode()
    answer = cast.colleague.client.post(address, posted(page, **{"party-0-contact": "x" * 121}))
    text = answer.content.decode()
    part = text[: text.index('id="id_party-0-contact"')].rpartition("<details")[2]
    assert answer.status_code == 422 and part.startswith(' class="fold fold--inputs" open')


def choices(page: Any, name: str) -> list[str]:
    return [code for code, _label in page.context["form"].fields[name].choices]


@pytest.mark.parametrize("kind", ["service", "consulting"])
def test_sub_types_follow_the_type_also_without_script(cast: Cast, kind: str) -> None:
    address, page = edit_page(cast, factories.drafted(cast, "service"))
    assert choices(page, "sub_type") == ["", "general_service", "training", "brokerage"]
    data = posted(page, narrow="1", type=kind, field="advanced_manufacturing")
    page = cast.colleague.client.post(address, data)
    kept = page.context["form"]["sub_type"].value()
    assert page.status_code == 200
    assert kept == ("general_service" if kind == "service" else "")
    assert ("feasibility" in choices(page, "sub_type")) == (kind == "consulting")
    assert Contract.objects.get().type == "service"  # nothing was saved


def test_what_follows_the_type_comes_alone_and_takes_nothing_else(cast: Cast) -> None:
    address, page = edit_page(cast, factories.drafted(cast, "service"))
    data = posted(page, narrow="1", type="consulting", field="advanced_manufacturing")
    part = cast.colleague.client.post(address, data, HTTP_HX_REQUEST="true").content.decode()
    assert 'id="id_sub_type"' in part and 'id="id_sub_field"' in part and 'id="judged"' in part
    assert "feasibility" in part and 'name="title_en"' not in part and "file-input" not in part


def test_a_wrong_pair_is_refused_in_words_and_stays_to_be_seen(cast: Cast) -> None:
    address, page = edit_page(cast, factories.drafted(cast, "service"))
    answer = cast.colleague.client.post(address, posted(page, type="consulting"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "“General technology service” does not belong to the type" in text
    assert "Feasibility" in text and answer.context["form"]["sub_type"].value() == "general_service"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_amounts_come_back_grouped_and_are_taken_so(cast: Cast, language: str) -> None:
    draft = factories.drafted(
        cast, total_amount="1234567.50", deductions=[{"kind": "parts", "amount": "34567.50"}],
        payment_mode="instalments", instalments=[{"event": "acceptance", "amount": "1234567.5"}],
    )  # fmt: skip
    client = cast.colleague.client
    client.cookies["language"] = language
    address = f"/contracts/{draft.public_id}/edit/"
    page = client.get(address)
    text = page.content.decode()
    assert 'value="1,234,567.50"' in text and 'value="34,567.50"' in text
    data = posted(page, total_amount="2,000,000", **{"deduction-0-amount": "1 000,000.00"})
    assert client.post(address, data).status_code == 302
    draft.refresh_from_db()
    assert (str(draft.total_amount), str(draft.technology_amount)) == ("2000000.00", "1000000.00")
    assert 'value="2,000,000"' in client.get(address).content.decode()


# --- What follows ---------------------------------------------------------------------------------


def test_what_was_submitted_waits_for_its_examination_in_the_step_bar(cast: Cast) -> None:
    way = stages(factories.submitted(cast))
    assert way["current"] == "under_examination"
    assert [step["done"] for step in way["items"]] == [True, True, False, False]


def test_a_submitted_file_is_withdrawn_until_it_is_claimed(cast: Cast) -> None:
    client = cast.colleague.client
    filed = factories.submitted(cast)
    address = f"/contracts/{filed.public_id}/"
    page = client.get(address).content.decode()
    assert f'action="{address}withdraw/"' in page and "taken back from the registration" in page
    assert client.post(f"{address}withdraw/").status_code == 302
    filed.refresh_from_db()
    assert (filed.state, filed.due_on) == ("withdrawn", None)
    told = Notification.objects.filter(kind="contract.withdrawn")
    assert {cast.registrar.user.pk, cast.colleague.user.pk} <= {row.recipient_id for row in told}
    other = factories.submitted(cast)
    assert cast.colleague.api.post(f"/api/v1/contracts/{other.public_id}/withdraw/").json()[
        "state"
    ] == ("withdrawn")


def test_nobody_is_told_of_a_draft_that_ends(cast: Cast) -> None:
    from contracts.actions import withdraw_contract

    withdraw_contract(actor=cast.colleague.actor, contract_id=factories.drafted(cast).pk)
    assert not Notification.objects.filter(kind="contract.withdrawn").exists()


def test_a_row_that_is_taken_off_has_no_faults(cast: Cast) -> None:
    draft = factories.drafted(cast, deductions=[{"kind": "parts", "amount": "10"}])
    client = cast.colleague.client
    address = f"/contracts/{draft.public_id}/edit/"
    wrong = posted(client.get(address), **{"deduction-0-amount": "much", "valid_to": "soon"})
    labels = [fault.label for fault in client.post(address, wrong).context["faults"]]
    assert any("row 1" in label for label in labels)
    wrong["deduction-0-DELETE"] = "on"
    labels = [fault.label for fault in client.post(address, wrong).context["faults"]]
    assert labels and not any("row 1" in label for label in labels)


def test_a_registrar_who_was_quicker_keeps_the_file(cast: Cast) -> None:
    from contracts.actions import withdraw_contract

    filed = factories.submitted(cast)
    claim(actor=cast.registrar.actor, contract_id=filed.pk)
    with pytest.raises(Conflict):
        withdraw_contract(actor=cast.colleague.actor, contract_id=filed.pk)
    address = f"/contracts/{filed.public_id}/"
    assert f"{address}withdraw/" not in cast.colleague.client.get(address).content.decode()
    page = cast.colleague.client.post(f"{address}withdraw/", follow=True).content.decode()
    assert "A registrar has begun to examine it" in page


def test_a_returned_file_with_a_question_says_one_thing_of_the_clock(cast: Cast) -> None:
    from contracts.actions.questions import ask

    filed = factories.examined(cast)
    ask(actor=cast.registrar.actor, contract_id=filed.pk, words="Which line?", both=False)
    address = f"/contracts/{filed.public_id}/"
    assert "clock runs on" in cast.colleague.client.get(address).content.decode()
    return_(actor=cast.registrar.actor, contract_id=filed.pk, words="Please complete.")
    page = cast.colleague.client.get(address).content.decode()
    assert "clock runs on" not in page and "the clock stands still until you send it" in page


def test_points_to_judge_are_those_of_the_contract(cast: Cast) -> None:
    def judged(**values: Any) -> str:
        filed = factories.submitted(cast, "licence", **values)
        page = cast.registrar.client.get(f"/registrar/contracts/{filed.public_id}/")
        return str(page.content.decode())

    patent = judged(sub_type="ordinary_licence", ip_kind="invention")
    assert "patent’s life" in patent and "Know-how is unknown" not in patent
    secret = judged(sub_type="know_how_licence", ip_kind="know_how")
    assert "Know-how is unknown" in secret and "patent’s life" not in secret
