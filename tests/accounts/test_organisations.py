"""Founding and changing organisations; bad input is refused by page and API alike."""

import pytest
from django.urls import reverse

from accounts.actions.organisations import (
    change_organisation,
    create_organisation,
    set_standing,
)
from accounts.models import Membership, Organisation
from accounts.rules import is_social_credit_code
from events.models import Event
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale, Unauthenticated
from tests.cast import Cast

GOOD = {"kind": "domestic_enterprise", "name_zh": "晨曦新材料", "country": "CN", "region": "440305"}
CODE = "91350100M000100Y43"  # the example of GB 32100
URL = "/api/v1/organisations/"


def test_the_founder_owns_what_was_founded_and_it_is_not_verified(cast: Cast):
    made = create_organisation(actor=cast.newcomer.actor, facts=GOOD)
    assert not made.is_verified
    assert Membership.objects.get(organisation=made, user=cast.newcomer.user).roles == ["owner"]
    event = Event.objects.get(kind="organisation.created")
    assert event.object_id == made.public_id
    assert "晨曦" not in str(event.after) + str(event.data)


def test_a_visitor_founds_nothing(cast: Cast):
    with pytest.raises(Unauthenticated):
        create_organisation(actor=cast.visitor.actor, facts=GOOD)


def test_the_check_character_of_a_code_is_known():
    assert is_social_credit_code(CODE)
    for wrong in (CODE[:-1] + "4", CODE[:-1], "I" + CODE[1:], CODE.lower(), ""):
        assert not is_social_credit_code(wrong), wrong


BAD = [
    ({"kind": ""}, "kind"),
    ({"kind": "wizard"}, "kind"),
    ({"name_zh": "", "name_en": ""}, "name_en"),
    ({"name_zh": "x" * 161}, "name_zh"),
    ({"name_en": "a\x00b"}, "name_en"),
    ({"name_en": "a\u202eb"}, "name_en"),
    ({"about_en": "x" * 2001}, "about_en"),
    ({"country": "XX"}, "country"),
    ({"country": "CHN"}, "country"),
    ({"region": "999999"}, "region"),
    ({"region": "44030"}, "region"),
    ({"country": "FI", "region": "440305"}, "region"),
    ({"website": "javascript:alert(1)"}, "website"),
    ({"website": "ftp://example.org"}, "website"),
    ({"field_codes": ["alchemy"]}, "field_codes"),
    ({"kind": "tti"}, "tti_type"),
    ({"kind": "tti", "tti_type": "V"}, "tti_type"),
    ({"tti_type": "II"}, "tti_type"),
    ({"registration_code": "91350100M000100Y44"}, "registration_code"),
    ({"registration_code": "x" * 41}, "registration_code"),
    ({"kind": "individual", "registration_code": "440301199001011234"}, "registration_code"),
]


@pytest.mark.parametrize(("wrong", "field"), BAD)
def test_a_wrong_fact_is_refused_on_its_field(cast: Cast, wrong, field):
    before = Organisation.objects.count()
    with pytest.raises(Invalid) as refusal:
        create_organisation(actor=cast.newcomer.actor, facts={**GOOD, **wrong})
    assert field in refusal.value.fields, refusal.value.fields
    assert Organisation.objects.count() == before


@pytest.mark.parametrize(("wrong", "field"), BAD)
def test_the_api_refuses_the_same_with_the_field_named(cast: Cast, wrong, field):
    before = Organisation.objects.count()
    answer = cast.newcomer.api.post(URL, {**GOOD, **wrong}, format="json")
    assert answer.status_code == 400, answer.json()
    assert answer["Content-Type"].startswith("application/problem+json")
    named = {error["field"].split(".")[0] for error in answer.json()["errors"]}
    assert field in named
    assert Organisation.objects.count() == before


@pytest.mark.parametrize(("wrong", "field"), BAD[::4])  # the form is long: a sample will do
def test_the_page_refuses_the_same_and_keeps_what_was_typed(cast: Cast, wrong, field):
    before = Organisation.objects.count()
    sent = {**GOOD, "about_zh": "我们做电解液。", **wrong}
    answer = cast.newcomer.client.post(reverse("organisation_new"), sent)
    assert answer.status_code == 422
    assert "我们做电解液。" in answer.content.decode()
    assert Organisation.objects.count() == before


@pytest.mark.parametrize(
    "sent", [[], "text", 7, {"kind": {"a": 1}}, {"field_codes": "x"}, {"name_en": ["x"]}]
)
def test_the_api_refuses_other_shapes(cast: Cast, sent):
    assert cast.newcomer.api.post(URL, sent, format="json").status_code == 400


def test_markup_in_a_text_is_shown_as_text(cast: Cast):
    made = create_organisation(
        actor=cast.newcomer.actor,
        facts={**GOOD, "name_en": "<script>alert(1)</script>", "about_en": "<b>bold</b>"},
    )
    page = cast.newcomer.client.get(reverse("organisation", args=[made.public_id]))
    assert b"<script>alert(1)" not in page.content
    assert b"<b>bold" not in page.content


def test_a_district_is_kept_when_a_city_and_its_district_are_chosen(cast: Cast):
    cast.newcomer.client.post(
        reverse("organisation_new"), {**GOOD, "region": "440300", "district": "440305"}
    )
    assert Organisation.objects.get(name_zh="晨曦新材料").region == "440305"


def test_without_javascript_a_button_shows_the_districts_and_saves_nothing(cast: Cast):
    before = Organisation.objects.count()
    answer = cast.newcomer.client.post(
        reverse("organisation_new"),
        {
            "name_zh": "晨曦",
            "region": "440300",
            "field_codes": ["new_materials"],
            "show_districts": 1,
        },
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Nanshan" in text
    assert "晨曦" in text
    assert Organisation.objects.count() == before


def test_the_district_select_alone_is_answered_for_any_input(cast: Cast):
    for region, shown in (("440300", True), ("110000", True), ("x", False), ("", False)):
        answer = cast.newcomer.client.get(reverse("organisation_districts"), {"region": region})
        assert answer.status_code == 200
        assert ("<select" in answer.content.decode()) is shown


# --- Changing -------------------------------------------------------------------------------------


def test_an_editor_changes_what_describes_but_not_what_was_verified(cast: Cast):
    change_organisation(
        actor=cast.colleague.actor, organisation_id=cast.home.pk, facts={"about_en": "Lanterns."}
    )
    with pytest.raises(Conflict) as refusal:
        change_organisation(
            actor=cast.owner.actor, organisation_id=cast.home.pk, facts={"name_en": "Tsinghua"}
        )
    assert refusal.value.code == "verified_facts"
    cast.home.refresh_from_db()
    assert (cast.home.about_en, cast.home.name_en) == ("Lanterns.", "Lantern Works")
    assert cast.home.version == 2


def test_an_operator_changes_what_was_verified(cast: Cast):
    change_organisation(
        actor=cast.operator.actor, organisation_id=cast.home.pk, facts={"name_en": "Lamp Works"}
    )
    cast.home.refresh_from_db()
    assert cast.home.name_en == "Lamp Works"


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("rival", Refused), ("outsider", Refused), ("moderator", Refused), ("visitor", Refused)],
)
def test_strangers_change_nothing(cast: Cast, who: str, refusal):
    with pytest.raises(refusal):
        change_organisation(
            actor=cast.everybody[who].actor, organisation_id=cast.home.pk, facts={"about_en": "x"}
        )
    cast.home.refresh_from_db()
    assert cast.home.about_en == ""


def test_an_unverified_organisation_does_not_exist_for_strangers(cast: Cast):
    with pytest.raises(NotFound):
        change_organisation(
            actor=cast.owner.actor, organisation_id=cast.claim.pk, facts={"about_en": "x"}
        )
    assert cast.owner.api.get(f"{URL}{cast.claim.public_id}/").status_code == 404


def test_an_older_version_is_refused(cast: Cast):
    address = f"{URL}{cast.home.public_id}/"
    read = cast.owner.api.get(address)
    first = cast.owner.api.patch(
        address, {"about_en": "one"}, format="json", headers={"If-Match": read["ETag"]}
    )
    assert first.status_code == 200
    second = cast.owner.api.patch(
        address, {"about_en": "two"}, format="json", headers={"If-Match": read["ETag"]}
    )
    assert second.status_code == 412
    with pytest.raises(Stale):
        change_organisation(
            actor=cast.owner.actor, organisation_id=cast.home.pk, facts={"about_en": "x"},
            expected_version=1,
        )  # fmt: skip
    cast.home.refresh_from_db()
    assert cast.home.about_en == "one"


def test_a_change_of_nothing_writes_nothing(cast: Cast):
    change_organisation(
        actor=cast.owner.actor, organisation_id=cast.home.pk, facts={"about_en": " "}
    )
    cast.home.refresh_from_db()
    assert cast.home.version == 1
    assert not Event.objects.filter(kind="organisation.changed").exists()


def test_standing_is_given_by_operators_to_verified_organisations_only(cast: Cast):
    for who in ("owner", "moderator", "visitor"):
        with pytest.raises(Refused):
            set_standing(
                actor=cast.everybody[who].actor, organisation_id=cast.home.pk, is_trusted=True
            )
    with pytest.raises(Conflict):
        set_standing(actor=cast.operator.actor, organisation_id=cast.claim.pk, is_trusted=True)
    set_standing(actor=cast.operator.actor, organisation_id=cast.home.pk, is_trusted=True)
    cast.home.refresh_from_db()
    assert cast.home.is_trusted


def test_when_a_registration_point_ends_its_registrars_end(cast: Cast):
    set_standing(
        actor=cast.operator.actor, organisation_id=cast.point.pk, is_registration_point=False
    )
    assert Membership.objects.get(user=cast.registrar.user).roles == ["owner"]


# --- The API's reading side -----------------------------------------------------------------------


def test_the_code_and_trust_are_for_insiders(cast: Cast):
    Organisation.objects.filter(pk=cast.home.pk).update(registration_code=CODE)
    address = f"{URL}{cast.home.public_id}/"
    for name, player in cast.everybody.items():
        body = player.api.get(address).json()
        inside = name in {"owner", "colleague", "operator"}
        assert (body["registration_code"] == CODE) is inside, name
        assert (body["is_trusted"] is not None) is inside, name


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?q=lantern", {"Lantern Works"}),
        ("?q=渡口", {"Ferry Transfer Centre"}),
        ("?kind=tti", {"Ferry Transfer Centre"}),
        ("?tti_type=II&tti_type=III", {"Ferry Transfer Centre"}),
        ("?region=420000", {"Lakeside University"}),
        ("?registration_point=true", {"Harbour Registration Point"}),
        ("?mine=true", {"Lantern Works"}),
        ("?verified=false", set()),
    ],
)
def test_the_list_is_filtered(cast: Cast, query: str, names: set[str]):
    rows = cast.owner.api.get(URL + query).json()["results"]
    assert {row["name_en"] for row in rows} == names


@pytest.mark.parametrize(
    "query",
    ["?kind=x", "?region=x", "?tti_type=V", "?field=x", "?q=%00", "?q=" + "x" * 101, "?fields=x",
     "?expand=x", "?verified_after=x", "?page_size=x&cursor=zzz"],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused(cast: Cast, query: str):
    answer = cast.owner.api.get(URL + query)
    assert answer.status_code in {400, 404}
    assert answer["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_with_one_row_and_three(
    cast: Cast, rows: int, django_assert_num_queries
):
    for number in range(rows):
        Organisation.objects.create(
            kind="tti", tti_type="I", name_en=f"TTI {number}", verified_at=cast.tti.verified_at
        )
    with django_assert_num_queries(1):
        cast.visitor.api.get("/api/v1/ttis/")
    with django_assert_num_queries(2):  # and the memberships of alliances
        cast.visitor.api.get("/api/v1/ttis/?expand=alliances")


def test_the_same_key_founds_once(cast: Cast):
    headers = {"Idempotency-Key": "found-1"}
    first = cast.newcomer.api.post(URL, GOOD, format="json", headers=headers)
    second = cast.newcomer.api.post(URL, GOOD, format="json", headers=headers)
    assert first.status_code == second.status_code == 201
    assert first.json()["id"] == second.json()["id"]
    other = cast.newcomer.api.post(URL, {**GOOD, "name_zh": "别的"}, format="json", headers=headers)
    assert other.status_code == 422
    assert Organisation.objects.filter(name_zh="晨曦新材料").count() == 1
