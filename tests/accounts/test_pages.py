"""Every page of this room, by everybody who may open it, in both languages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.actions.verification import ask_verification
from accounts.models import Organisation
from tests.accounts.factories import AllianceFactory, QualificationFactory
from tests.cast import Cast

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"

# page, who may open it, and as a refusal of whom
ACCOUNT_PAGES = [
    "account", "account_profile", "my_organisations", "account_data", "account_close",
    "api_tokens", "qualifications", "qualification_new", "organisation_new", "alliance_new",
    "account_email", "account_change_password", "mfa_index", "mfa_activate_totp",
    "mfa_list_webauthn", "mfa_add_webauthn", "usersessions_list", "account_logout",
    "account_reset_password", "account_reauthenticate",
]  # fmt: skip
OPEN_PAGES = [
    "institutions", "alliances", "account_login", "account_signup", "account_reset_password",
    "account_reset_password_done", "account_email_verification_sent", "account_inactive",
    "account_reset_password_from_key_done",
]  # fmt: skip


def evidence(name: str = "licence.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, "application/pdf")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_own_pages_open_for_a_member_in_both_languages(cast: Cast, name: str, language: str):
    QualificationFactory(user=cast.owner.user)
    cast.owner.client.cookies["language"] = language
    answer = cast.owner.client.get(reverse(name))
    assert answer.status_code == 200
    assert ("zh-Hans" if language == "zh-hans" else 'lang="en"') in answer.content.decode()


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_own_pages_send_a_visitor_to_sign_in(cast: Cast, name: str):
    if name in {"account_reset_password", "account_logout"}:
        pytest.skip("open to all, or leads home")
    answer = cast.visitor.client.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", OPEN_PAGES)
def test_open_pages_need_no_account(cast: Cast, name: str, language: str):
    cast.visitor.client.cookies["language"] = language
    assert cast.visitor.client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["organisation", "organisation_members", "organisation_history"])
def test_pages_of_an_organisation_open_for_its_members(cast: Cast, name: str):
    QualificationFactory(user=cast.owner.user)
    type(cast.owner.user).objects.update(agreed_to_be_found=True)
    for player in (cast.owner, cast.colleague, cast.operator):
        answer = player.client.get(reverse(name, args=[cast.home.public_id]))
        assert answer.status_code == 200, player


@pytest.mark.parametrize("name", ["organisation_members", "organisation_history"])
def test_inner_pages_of_an_organisation_are_refused_to_strangers(cast: Cast, name: str):
    for player in (cast.outsider, cast.rival, cast.newcomer, cast.moderator):
        answer = player.client.get(reverse(name, args=[cast.home.public_id]))
        assert answer.status_code == 403, player


def test_an_unverified_organisation_is_seen_by_its_people_operators_and_moderators_only(cast: Cast):
    address = reverse("organisation", args=[cast.claim.public_id])
    seen = {name for name, p in cast.everybody.items() if p.client.get(address).status_code == 200}
    assert seen == {"claimant", "operator", "moderator"}


def test_the_public_page_names_only_people_who_agreed_and_hides_the_code(cast: Cast):
    Organisation.objects.filter(pk=cast.home.pk).update(registration_code="91440300MA5FABCD12")
    address = reverse("organisation", args=[cast.home.public_id])
    text = cast.visitor.client.get(address).content.decode()
    assert "Owner" not in text
    assert "91440300MA5FABCD12" not in text
    cast.owner.user.agreed_to_be_found = True
    cast.owner.user.save()
    text = cast.visitor.client.get(address).content.decode()
    assert "Owner" in text
    assert cast.owner.user.email not in text
    assert "91440300MA5FABCD12" in cast.colleague.client.get(address).content.decode()


def test_editing_is_for_editors_and_operators(cast: Cast):
    address = reverse("organisation_edit", args=[cast.home.public_id])
    assert cast.colleague.client.get(address).status_code == 200
    assert cast.operator.client.get(address).status_code == 200
    for player in (cast.outsider, cast.rival, cast.newcomer):
        assert player.client.get(address).status_code == 403


def test_verification_pages_in_all_their_states(cast: Cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    page = reverse("organisation_verify", args=[cast.claim.public_id])
    assert cast.claimant.client.get(page).status_code == 200
    Organisation.objects.filter(pk=cast.claim.pk).update(registration_code="X")
    request = ask_verification(
        actor=cast.claimant.actor, organisation_id=cast.claim.pk, evidence=evidence()
    )
    assert cast.claimant.client.get(page).status_code == 200
    queue, one = reverse("verifications"), reverse("verification", args=[request.public_id])
    assert "Candle Works" in cast.operator.client.get(queue).content.decode()
    assert cast.operator.client.get(one).status_code == 200
    for player in (cast.claimant, cast.moderator, cast.owner):
        assert player.client.get(queue).status_code == 403
        assert player.client.get(one).status_code == 403
    assert cast.visitor.client.get(queue).status_code == 302
    assert cast.operator.client.get(queue + "?show=decided").status_code == 200


def test_alliance_pages(cast: Cast):
    alliance = AllianceFactory(lead=cast.tti, referral_rules="A tenth for the one who refers.")
    address = reverse("alliance", args=[alliance.public_id])
    for player in (cast.broker, cast.operator):
        assert "A tenth" in player.client.get(address).content.decode()
    for player in (cast.owner, cast.visitor, cast.newcomer):
        text = player.client.get(address).content.decode()
        assert "A tenth" not in text
        assert "Ferry Transfer Centre" in text
    assert (
        cast.broker.client.get(reverse("alliance_edit", args=[alliance.public_id])).status_code
        == 200
    )
    assert (
        cast.owner.client.get(reverse("alliance_edit", args=[alliance.public_id])).status_code
        == 403
    )
    assert "Ferry Transfer Centre" in cast.visitor.client.get(reverse("alliances")).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_with_one_row_and_three(
    cast: Cast, rows: int, django_assert_num_queries
):
    for number in range(rows - 1):
        Organisation.objects.create(
            kind="tti", tti_type="I", name_en=f"TTI {number}", verified_at=cast.tti.verified_at
        )
    for _number in range(rows):
        AllianceFactory(lead=cast.tti)
    with django_assert_num_queries(5):  # rows counted, rows, three facets
        cast.visitor.client.get(reverse("institutions"))
    with django_assert_num_queries(3):  # counted, alliances with lead, members
        cast.visitor.client.get(reverse("alliances"))


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "type=V",
        "field=nonsense",
        "region=abcdef",
        "region=999999",
        "page=abc",
        "q=" + "x" * 500,
    ],
)
def test_the_directory_leaves_out_filters_that_cannot_be_read(cast: Cast, query: str):
    answer = cast.visitor.client.get(reverse("institutions") + "?" + query)
    assert answer.status_code == 200
    assert "Ferry Transfer Centre" in answer.content.decode()


def test_the_directory_narrows_and_counts(cast: Cast):
    Organisation.objects.create(
        kind="tti", tti_type="IV", name_en="Exchange", name_zh="交易市场", region="510107",
        field_codes=["new_energy"], verified_at=cast.tti.verified_at,
    )  # fmt: skip

    def get(query: str) -> str:
        return cast.visitor.client.get(reverse("institutions") + "?" + query).content.decode()

    for query, shown in (
        ("type=IV", "Exchange"), ("region=510000", "Exchange"), ("field=new_energy", "Exchange"),
        ("q=交易", "Exchange"), ("q=ferry", "Ferry"), ("region=440300", "Ferry"),
    ):  # fmt: skip
        text = get(query)
        assert shown in text, query
        assert ("Ferry" if shown == "Exchange" else "Exchange") not in text.split("facets")[0], (
            query
        )
    assert "No institution fits" in get("type=IV&region=440000")
