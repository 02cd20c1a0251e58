"""Posting in steps through the pages, as a browser without a script does it."""

import pytest
from django.urls import reverse

from listings import states
from listings.models import Listing
from tests.listings import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return f.organisation("Binhai University")


@pytest.fixture
def editor(owner, client):
    user = f.person()
    f.member_of(owner, "editor", user=user)
    client.force_login(user)
    return user


def step(listing, key):
    return reverse("edit_listing", args=[listing.public_id, key])


def start(client, owner, kind="technology"):
    answer = client.post(reverse("post"), {"kind": kind, "owner": owner.public_id})
    assert answer.status_code == 302
    return Listing.objects.get()


def specification(index, **values):
    return {f"specifications-{index}-{name}": value for name, value in values.items()}


def rows(total, **values):
    return {
        "specifications-TOTAL_FORMS": total, "specifications-INITIAL_FORMS": 0, **values,
    }  # fmt: skip


def test_a_visitor_is_sent_to_the_log_in(client):
    answer = client.get(reverse("post"))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_somebody_without_an_organisation_learns_what_to_do_first(client):
    client.force_login(f.person())
    assert "First, your organisation" in client.get(reverse("post")).content.decode()


def test_every_step_shows_and_the_whole_way_leads_to_the_review_desk(client, owner, editor):
    listing = start(client, owner)
    for key in ("what", "specifications", "terms", "details", "documents", "preview"):
        assert client.get(step(listing, key)).status_code == 200, key
    answer = client.post(
        step(listing, "what"),
        {
            "next": "1", "subject": "new_energy/batteries", "trl": "6", "title_en": "Cold cells",
            "summary_en": "Keeps 84%.", "keywords_en": "cells, cold；electrolyte",
            "version": listing.version,
        },
    )  # fmt: skip
    assert answer["Location"] == step(listing, "specifications")
    answer = client.post(
        step(listing, "specifications"),
        rows(
            2, **specification(0, metric_en="Capacity retention", comparator="ge", value="84",
                               unit="%", tier="public"),
            **specification(1, comparator="ge", tier="public"), next="1",
        ),
    )  # fmt: skip
    assert answer["Location"] == step(listing, "terms")
    answer = client.post(
        step(listing, "terms"),
        {
            "modes": ["exclusive_licence"], "price_kind": "indicative", "price_min": "800000",
            "price_max": "3000000", "currency": "CNY", "country": "CN", "region": "440300",
            "co_owners": "Institute of Ice\n\n", "next": "1",
            "ip_rights-TOTAL_FORMS": 1, "ip_rights-INITIAL_FORMS": 0,
            "ip_rights-0-kind": "invention", "ip_rights-0-status": "granted",
            "ip_rights-0-number": "ZL1", "ip_rights-0-expires_on": "2041-03-12",
        },
    )  # fmt: skip
    assert answer["Location"] == step(listing, "details"), answer.content.decode()
    answer = client.post(
        step(listing, "details"),
        {"visibility": "public", "members_text_en": "Window: 1.2 M.", "next": "1"},
    )
    assert answer["Location"] == step(listing, "documents")
    answer = client.post(reverse("listing_submit", args=[listing.public_id]))
    listing.refresh_from_db()
    assert listing.state == states.IN_REVIEW
    assert (listing.field, listing.sub_field) == ("new_energy", "batteries")
    assert listing.keywords_en == ["cells", "cold", "electrolyte"]
    row = listing.specifications.get()
    assert (row.metric_zh, row.base_value) == ("容量保持率", 0.84)
    assert listing.ip_rights.get().number == "ZL1"
    assert listing.co_owners.get().name == "Institute of Ice"
    assert listing.coach_score > 40


def test_a_row_is_added_and_removed_by_buttons_that_post(client, owner, editor):
    listing = start(client, owner)
    sent = rows(
        1, **specification(0, metric_en="Power", comparator="le", value="3", unit="kW",
                           tier="public"), add="specifications",
    )  # fmt: skip
    answer = client.post(step(listing, "specifications"), sent)
    assert answer["Location"].startswith(step(listing, "specifications") + "?extra=1")
    shown = client.get(answer["Location"]).content.decode()
    assert 'name="specifications-1-value"' in shown
    answer = client.post(
        step(listing, "specifications"),
        rows(1, **specification(0, metric_en="Power", comparator="le", value="3", unit="kW",
                                tier="public"), remove="specifications-0"),
    )  # fmt: skip
    assert answer.status_code == 302
    assert listing.specifications.count() == 0


def test_a_wrong_row_keeps_what_was_typed_and_says_what_to_do(client, owner, editor):
    listing = start(client, owner)
    sent = rows(
        2, **specification(0, metric_en="Power", comparator="le", value="3", unit="kilowats",
                           tier="public"),
        **specification(1, metric_en="Range", comparator="between", value="9", upper="2",
                        unit="km", tier="public"), next="1",
    )  # fmt: skip
    answer = client.post(step(listing, "specifications"), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "is not a unit we know" in page
    assert "The upper value must be above the lower one." in page
    assert 'value="kilowats"' in page
    assert listing.specifications.count() == 0


def test_autosave_keeps_what_is_right_and_says_what_is_not(client, owner, editor):
    listing = start(client, owner)
    answer = client.post(
        step(listing, "what"),
        {"autosave": "1", "title_en": "Cold cells", "summary_en": "x" * 700, "version": 1},
        headers={"HX-Request": "true"},
    )
    listing.refresh_from_db()
    assert listing.title_en == "Cold cells"
    assert listing.summary_en == ""
    assert "at most 600" in answer.content.decode()
    assert 'name="version" value="2"' in answer.content.decode()


def test_a_colleague_s_change_is_not_overwritten(client, owner, editor):
    from listings.actions.drafts import save_draft
    from marketplace.core.actor import Actor

    listing = start(client, owner)
    save_draft(actor=Actor.system(), listing_id=listing.pk, data={"title_en": "Theirs"})
    answer = client.post(
        step(listing, "what"), {"next": "1", "title_en": "Mine", "version": listing.version}
    )
    assert answer.status_code == 422
    assert "changed after you opened it" in answer.content.decode()
    assert 'value="Mine"' in answer.content.decode()
    listing.refresh_from_db()
    assert listing.title_en == "Theirs"


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("what", {"title_en": "a\x00b"}),
        ("what", {"title_en": "a\u202eb"}),
        ("what", {"subject": "alchemy"}),
        ("what", {"trl": "12"}),
        ("what", {"title_zh": "长" * 201}),
        ("terms", {"price_min": "-5"}),
        ("terms", {"price_min": "9", "price_max": "2"}),
        ("terms", {"currency": "XAU"}),
        ("terms", {"deadline": "2001-01-01"}),
        ("terms", {"deadline": "tomorrow"}),
        ("terms", {"valid_until": "2001-01-01"}),
        ("details", {"visibility": "nobody"}),
        ("specifications", {"specifications-TOTAL_FORMS": "10000"}),
        ("specifications", {"specifications-TOTAL_FORMS": "many"}),
        ("specifications", rows(1, **specification(0, metric_en="P", value="NaN"))),
        ("specifications", rows(1, **specification(0, metric_en="P", value="1e400"))),
        ("specifications", rows(1, **specification(0, value="1", unit="kW"))),
    ],
)
def test_bad_input_is_refused_and_nothing_changes(client, owner, editor, key, data):
    listing = start(client, owner, kind="need")
    before = Listing.objects.values().get()
    answer = client.post(step(listing, key), {"next": "1", **data})
    assert answer.status_code == 422, answer
    assert Listing.objects.values().get() == before
    assert listing.specifications.count() == 0


def test_markup_in_a_text_is_shown_as_text(client, owner, editor):
    listing = start(client, owner)
    client.post(step(listing, "what"), {"next": "1", "title_en": "<script>alert(1)</script>"})
    page = client.get(step(listing, "preview")).content.decode()
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_another_organisation_s_draft_does_not_exist_for_strangers(client, owner, editor):
    other = f.draft(f.organisation())
    for url in (step(other, "what"), reverse("edit_listing_start", args=[other.public_id])):
        assert client.get(url).status_code == 404
    assert client.post(reverse("listing_submit", args=[other.public_id])).status_code == 404


def test_preview_shows_each_reader_only_its_tiers(client, owner, editor):
    listing = f.draft(
        owner, members_text_en="MEMBERSECRET", confidential_text_en="NDASECRET",
        is_anonymous=True, title_en="Plain title",
    )  # fmt: skip
    shown = {
        reader: client.get(step(listing, "preview") + f"?as={reader}").content.decode()
        for reader in ("visitor", "member", "nda")
    }
    sheets = {
        k: v[v.index('id="preview"') : v.index('class="form__actions"')] for k, v in shown.items()
    }
    assert "MEMBERSECRET" not in sheets["visitor"]
    assert "NDASECRET" not in sheets["member"]
    assert "MEMBERSECRET" in sheets["member"]
    assert "NDASECRET" in sheets["nda"]
    assert "Binhai University" not in sheets["visitor"]
    assert "Binhai University" in sheets["nda"]
