"""The review desk and the owner's list, as pages."""

import pytest
from django.urls import reverse

from listings import states
from listings.actions import lifecycle
from listings.actions.drafts import save_draft
from listings.models import Listing
from tests.listings import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(cast):
    made = f.draft(cast.home, cast.owner.actor, confidential_text_en="NDASECRET")
    return lifecycle.submit(actor=cast.owner.actor, listing_id=made.pk)


def examine(listing):
    return reverse("review_listing", args=[listing.public_id])


def test_only_moderators_open_the_desk(cast, submitted):
    for player in (cast.owner, cast.rival, cast.operator):
        assert player.client.get(reverse("review_desk")).status_code == 403
        assert player.client.get(examine(submitted)).status_code == 403
    assert cast.visitor.client.get(reverse("review_desk")).status_code == 302
    page = cast.moderator.client.get(reverse("review_desk")).content.decode()
    assert f.TECHNOLOGY["title_en"] in page


def test_a_moderator_reads_all_but_what_is_under_nda_and_approves(cast, submitted):
    client = cast.moderator.client
    assert "NDASECRET" not in client.get(examine(submitted)).content.decode()
    answer = client.post(examine(submitted), {"approve": "1"})
    assert answer["Location"] == reverse("review_desk")
    submitted.refresh_from_db()
    assert submitted.state == states.PUBLISHED
    assert client.post(examine(submitted), {"approve": "1"}).status_code == 422


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_moderator_reads_both_languages_but_not_what_is_under_nda(cast, language):
    made = f.draft(
        cast.home, cast.owner.actor, title_zh="中文标题", members_text_en="For members",
        members_text_zh="会员可见", confidential_text_zh="保密正文",
        confidential_text_en="NDASECRET",
    )  # fmt: skip
    made = lifecycle.submit(actor=cast.owner.actor, listing_id=made.pk)
    page = cast.moderator.client.get(
        examine(made), headers={"accept-language": language}
    ).content.decode()
    for text in (f.TECHNOLOGY["title_en"], "中文标题", "For members", "会员可见"):
        assert text in page
    assert "NDASECRET" not in page and "保密正文" not in page


def test_a_return_needs_a_reason_which_the_owner_reads(cast, submitted):
    client = cast.moderator.client
    answer = client.post(examine(submitted), {"return": "1", "reason": ""})
    assert answer.status_code == 422
    submitted.refresh_from_db()
    assert submitted.state == states.IN_REVIEW
    client.post(examine(submitted), {"return": "1", "reason": "Name the test."})
    page = cast.owner.client.get(reverse("my_listings")).content.decode()
    assert "Name the test." in page


def test_a_revision_is_shown_with_what_changed(cast, submitted):
    lifecycle.approve(actor=cast.moderator.actor, listing_id=submitted.pk)
    revision = save_draft(
        actor=cast.owner.actor, listing_id=submitted.pk,
        data={"trl": 8, "confidential_text_en": "OTHERSECRET",
              "body_en": f.TECHNOLOGY["body_en"].replace("200 kg", "900 kg")},
    )  # fmt: skip
    lifecycle.submit(actor=cast.owner.actor, listing_id=revision.pk)
    page = cast.moderator.client.get(examine(revision)).content.decode()
    assert "<del>200</del><ins>900</ins>" in page
    assert "OTHERSECRET" not in page
    history = reverse("listing_history", args=[submitted.public_id])
    lifecycle.approve(actor=cast.moderator.actor, listing_id=revision.pk)
    assert "<ins>900</ins>" in cast.owner.client.get(history).content.decode()
    assert cast.rival.client.get(history).status_code == 403


def test_my_listings_show_what_is_mine_with_states_and_the_next_step(cast, submitted):
    f.published(cast.rivals, title_en="A rival's own")
    page = cast.colleague.client.get(reverse("my_listings")).content.decode()
    assert f.TECHNOLOGY["title_en"] in page
    assert "A rival" not in page
    assert "In review" in page
    assert "Nothing posted yet" in cast.newcomer.client.get(reverse("my_listings")).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_my_listings_take_a_fixed_number_of_queries(cast, count, django_assert_num_queries):
    for _ in range(count):
        f.published(cast.home)
    client = cast.owner.client
    client.get(reverse("my_listings"))
    with django_assert_num_queries(13):
        client.get(reverse("my_listings"))


@pytest.mark.parametrize("move", ["pause", "withdraw", "fulfil"])
def test_a_move_is_one_button_and_of_a_stranger_none(cast, move):
    listing = f.published(cast.home)
    url = reverse("listing_move", args=[listing.public_id, move])
    assert cast.owner.client.get(url).status_code == 405
    assert cast.rival.client.post(url).status_code == 403
    assert cast.owner.client.post(url).status_code == 302
    listing.refresh_from_db()
    assert listing.state == states.TRANSITIONS.moves[move][1]
    assert cast.owner.client.post(url[:-1] + "x/").status_code == 404
    assert cast.owner.client.post(url).status_code == 409


def test_near_duplicates_are_told_only_as_far_as_one_may_know_of_them(cast):
    text = (
        "A separator of porous ceramic on polyethylene that survives nail penetration at high "
        "voltage in large pouch cells without thermal runaway and without loss of capacity"
    )
    hidden = f.published(cast.rivals, visibility="confidential", body_en=text, title_en="Hidden")
    shown = f.published(cast.outside, body_en=text, title_en="Shown twin")
    own = f.draft(cast.home, body_en=text, title_en="Own twin")
    made = f.draft(cast.home, body_en=text, title_en="New twin")
    page = cast.owner.client.get(reverse("edit_listing", args=[made.public_id, "preview"]))
    words = page.content.decode()
    assert shown.public_id in words
    assert own.public_id in words
    assert hidden.public_id not in words
    Listing.objects.filter(pk__in=[shown.pk, own.pk]).delete()
    page = cast.owner.client.get(reverse("edit_listing", args=[made.public_id, "preview"]))
    assert "very similar" not in page.content.decode()
