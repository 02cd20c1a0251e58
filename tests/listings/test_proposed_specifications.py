"""Specifications proposed from what was written: taking, editing, dismissing, and who sees them."""

import pytest
from django.urls import reverse

from listings.actions.drafts import create_draft, save_draft
from listings.models import DismissedProposal, Listing
from listings.proposals import proposals_for
from listings.queries.proposals import proposed_for
from tests.listings import factories as f

pytestmark = pytest.mark.django_db
SUMMARY = "Keeps 84% of its capacity at -40 °C. The tensile strength exceeds 900 MPa."


@pytest.fixture
def owner():
    return f.organisation("Binhai University")


@pytest.fixture
def editor(owner, client):
    user = f.person()
    actor = f.member_of(owner, "editor", user=user)
    client.force_login(user)
    return actor


@pytest.fixture
def draft(owner, editor):
    return create_draft(
        actor=editor, kind="technology", owner_id=owner.pk,
        data={"title_en": "Cold cells", "summary_en": SUMMARY, "field": "new_energy"},
    )  # fmt: skip


def page(listing):
    return reverse("edit_listing", args=[listing.public_id, "specifications"])


def posted(**values):
    return {
        "specifications-TOTAL_FORMS": 1, "specifications-INITIAL_FORMS": 0,
        "specifications-0-comparator": "ge", "specifications-0-tier": "public", **values,
    }  # fmt: skip


def keys(listing):
    return {one.metric_en: one.key for one in proposed_for(listing)}


def test_the_step_shows_what_the_text_says_and_takes_nothing_by_itself(client, draft):
    shown = client.get(page(draft)).content.decode()
    assert "Figures in your text" in shown
    assert "The tensile strength exceeds 900 MPa." in shown
    assert "84%" in shown
    assert not draft.specifications.exists()


def test_one_is_taken_with_what_was_typed_beside_it(client, draft):
    answer = client.post(page(draft), posted(**{
        "specifications-0-metric_en": "Cycle life", "specifications-0-value": "500",
        "specifications-0-unit": "count", "take": keys(draft)["Tensile strength"],
    }))  # fmt: skip
    assert answer.status_code == 302
    assert answer["Location"].endswith("#proposals")
    rows = [(r.metric_en, r.metric_zh, r.comparator, r.value) for r in draft.specifications.all()]
    assert rows == [
        ("Cycle life", "循环寿命", "ge", 500), ("Tensile strength", "抗拉强度", "ge", 900)
    ]  # fmt: skip
    assert set(keys(draft)) == {"Capacity retention"}


def test_all_are_taken_at_once_with_their_conditions(client, draft):
    client.post(page(draft), posted(take="all"))
    first = draft.specifications.get(metric_en="Capacity retention")
    assert (first.comparator, first.value, first.condition_en) == ("eq", 84, "at -40 °C")
    assert draft.specifications.count() == 2
    assert "Figures in your text" not in client.get(page(draft)).content.decode()


def test_one_is_put_into_a_row_to_be_edited_first_and_not_stored(client, draft):
    answer = client.post(page(draft), posted(edit=keys(draft)["Tensile strength"]))
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="900"' in shown
    assert "autofocus" in shown
    assert not draft.specifications.exists()


def test_nothing_typed_is_lost_when_another_row_is_wrong(client, draft):
    answer = client.post(page(draft), posted(**{
        "specifications-0-metric_en": "Cycle life", "specifications-0-value": "many",
        "take": keys(draft)["Tensile strength"],
    }))  # fmt: skip
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "many" in shown
    assert 'value="900"' in shown
    assert not draft.specifications.exists()


def test_a_dismissed_one_stays_away_until_its_words_change(client, draft, editor):
    client.post(page(draft), posted(dismiss=keys(draft)["Tensile strength"]))
    assert set(keys(draft)) == {"Capacity retention"}
    assert "1 proposal dismissed." in client.get(page(draft)).content.decode()
    save_draft(actor=editor, listing_id=draft.pk, data={"title_en": "Other title"})
    draft.refresh_from_db()
    assert set(keys(draft)) == {"Capacity retention"}
    save_draft(
        actor=editor, listing_id=draft.pk,
        data={"summary_en": SUMMARY.replace("900 MPa", "950 MPa")},
    )  # fmt: skip
    draft.refresh_from_db()
    assert "Tensile strength" in keys(draft)


def test_dismissed_ones_are_proposed_again_when_asked_for(client, draft):
    client.post(page(draft), posted(dismiss="all"))
    assert keys(draft) == {}
    client.post(page(draft), posted(propose_again="1"))
    assert len(keys(draft)) == 2


def test_what_is_not_proposed_any_more_is_said_and_the_rest_is_saved(client, draft):
    answer = client.post(page(draft), posted(**{
        "specifications-0-metric_en": "Cycle life", "specifications-0-value": "500",
        "specifications-0-unit": "count", "take": "0123456789abcdef",
    }), follow=True)  # fmt: skip
    assert "not proposed any more" in answer.content.decode()
    assert draft.specifications.count() == 1


def test_what_stands_as_a_specification_is_not_proposed_whatever_its_unit(draft, editor):
    save_draft(actor=editor, listing_id=draft.pk, data={"specifications": [
        {"metric_zh": "抗拉强度", "comparator": "eq", "value": "0.9", "unit": "GPa"},
    ]})  # fmt: skip
    assert set(keys(draft)) == {"Capacity retention"}


def test_a_figure_keeps_the_tier_of_its_text_and_words_of_no_other(owner, editor):
    draft = create_draft(actor=editor, kind="technology", owner_id=owner.pk, data={
        "title_en": "Cells", "field": "new_energy",
        "summary_en": "Capacity retention of 92 %.",
        "members_text_en": "Energy density 300 Wh/kg.",
        "confidential_text_en": "Ionic conductivity 9 mS/cm at 25 °C. Energy density 300 Wh/kg.",
        "confidential_text_zh": "500次循环后容量保持率92%。",
    })  # fmt: skip
    found = {one.metric_en: one for one in proposed_for(draft)}
    assert {name: one.tier for name, one in found.items()} == {
        "Capacity retention": "public", "Energy density": "members",
        "Ionic conductivity": "confidential",
    }  # fmt: skip
    assert found["Capacity retention"].condition_zh == ""
    assert "Energy density" not in found["Ionic conductivity"].quote


def test_the_same_figure_in_both_languages_is_one_with_both_conditions(owner, editor):
    draft = create_draft(actor=editor, kind="technology", owner_id=owner.pk, data={
        "title_en": "Cells", "field": "new_energy",
        "summary_en": "80% capacity retention at −40 °C", "summary_zh": "−40 ℃下容量保持率80%",
    })  # fmt: skip
    (one,) = proposed_for(draft)
    assert (one.condition_en, one.condition_zh) == ("at −40 °C", "−40 ℃下")


def test_a_number_that_no_column_holds_is_not_proposed():
    listing = Listing(kind="technology", body_en="Leak rate below 1×10^-12 Pa·m³/s.")
    assert proposals_for(listing, []) == []


def test_strangers_get_no_proposals(client, draft):
    client.force_login(f.person())
    assert client.get(page(draft)).status_code == 404
    client.logout()
    assert client.post(page(draft), posted(take="all")).status_code == 302
    assert not draft.specifications.exists()


def test_the_step_costs_a_fixed_number_of_queries(client, draft, django_assert_num_queries):
    client.get(page(draft))
    with django_assert_num_queries(18):
        client.get(page(draft))


# --- By the API -----------------------------------------------------------------------------------


def make(cast, **values):
    data = {**f.TECHNOLOGY, "summary_en": SUMMARY, "owner": cast.home.public_id, **values}
    made = cast.owner.api.post("/api/v1/technologies/", data).json()
    return f"/api/v1/technologies/{made['id']}/"


def test_by_api_they_are_read_taken_and_dismissed(cast):
    one = make(cast)
    api, door = cast.owner.api, f"{one}proposed-specifications/"
    offered = {row["metric_en"]: row for row in api.get(door).json()}
    assert offered["Tensile strength"]["text"] == "≥\u00a0900\u00a0MPa"
    assert offered["Tensile strength"]["field"] == "summary_en"
    row = offered["Tensile strength"]
    assert SUMMARY[row["start"] : row["end"]].startswith(row["quote"][:20])
    answer = api.post(door, {"take": [row["id"]], "dismiss": [
        offered["Capacity retention"]["id"]]})  # fmt: skip
    assert answer.status_code == 200, answer.json()
    assert [r["metric_zh"] for r in answer.json()["specifications"]] == ["抗拉强度"]
    assert api.get(door).json() == []
    again = api.post(door, {"take": [row["id"]]})
    assert again.status_code == 400
    assert "take" in str(again.json())
    assert api.post(door, {}).status_code == 400
    api.post(door, {"propose_again": True})
    assert len(api.get(door).json()) == 1


def test_by_api_nobody_else_sees_them_even_when_it_is_published(cast):
    one = make(cast, confidential_text_en="Ionic conductivity of 9 mS/cm.")
    api = cast.owner.api
    assert api.post(one + "submit/").status_code == 200
    assert cast.moderator.api.post(one + "approve/").status_code == 200
    door = f"{one}proposed-specifications/"
    for role in ("visitor", "newcomer", "rival", "moderator", "operator", "registrar"):
        answer = getattr(cast, role).api.get(door)
        assert answer.status_code == 403, role
        assert "mS/cm" not in answer.content.decode()
        assert getattr(cast, role).api.post(door, {"take": ["x"]}).status_code in (401, 403), role
    taken = api.post(door, {"take": [
        row["id"] for row in api.get(door).json() if row["tier"] == "confidential"]})  # fmt: skip
    assert taken.json()["is_revision"]
    assert [row["tier"] for row in taken.json()["specifications"]] == ["confidential"]
    # what was taken stands in the revision: it is not proposed at the published one either
    assert "Ionic conductivity" not in [row["metric_en"] for row in api.get(door).json()]
    api.post(door, {"dismiss": [row["id"] for row in api.get(door).json()]})
    assert api.get(door).json() == []
    assert DismissedProposal.objects.filter(listing__revision_of__isnull=True).exists()
