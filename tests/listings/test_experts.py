"""Who knows about something: found by what was posted, by consent, and nothing betrayed."""

import pytest

from accounts.actions import experts as consent
from accounts.models import ExpertProfile, Membership, Organisation
from accounts.queries import actor_for
from listings.actions.lifecycle import submit, withdraw
from listings.indexing import index_many
from listings.queries.experts import Asked, find_experts, with_listings
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid
from tests.listings import factories as f

pytestmark = pytest.mark.django_db
VISITOR = Actor.visitor()


def post(player, kind="technology", **values):
    made = f.draft(player.organisation, player.actor, kind=kind, **values)
    made = submit(actor=Actor.system(), listing_id=made.pk)
    index_many([made.pk], meanings=False)
    return made


def found(question, actor=VISITOR, **narrowed):
    """("organisation" or person's name, organisation, listings shown) in order."""
    experts = find_experts(Asked(question, **narrowed), actor).experts
    return [
        (one.profile.user.name if one.profile else "organisation", one.organisation.name_en)
        for one in with_listings(experts, actor)
    ]


def agree(player, **values):
    return consent.agree(actor=player.actor, organisation=player.organisation.public_id, **values)


def test_organisations_by_what_they_posted_and_the_one_with_more_first(cast):
    post(cast.owner, title_en="Zirconia membrane", field="new_materials")
    for number in range(4):
        post(cast.outsider, title_en=f"Zirconia membrane {number}", field="new_materials")
    post(cast.broker, title_en="Gearbox")
    assert found("zirconia membrane") == [
        ("organisation", "Lakeside University"), ("organisation", "Lantern Works")
    ]  # fmt: skip
    best = with_listings(find_experts(Asked("zirconia"), VISITOR).experts, VISITOR)[0]
    assert (best.hits, len(best.listings), best.fields) == (4, 3, ["new_materials"])
    assert found("gearbox", fields=("new_materials",)) == []
    assert found("zirconia", region="440000") == [("organisation", "Lantern Works")]
    assert found("no such thing") == []
    assert find_experts(Asked("gearbox nonsenseword"), VISITOR).is_partial
    assert not find_experts(Asked("?!"), VISITOR).has_words


def test_many_weak_ones_do_not_outweigh(cast):
    for number in range(12):
        post(cast.owner, title_en=f"Valve {number}", body_en="Made beside a perovskite line.")
    for number in range(5):
        post(cast.outsider, title_en=f"Perovskite {number}", summary_en="Perovskite", body_en="")
    assert found("perovskite")[0] == ("organisation", "Lakeside University")


def test_people_only_with_consent_and_only_by_what_they_posted_themselves(cast):
    post(cast.owner, title_en="Zirconia membrane")
    assert found("zirconia", who="person") == []
    agree(cast.owner, title="Head of ceramics")
    agree(cast.colleague)
    assert found("zirconia", who="person") == [("Owner", "Lantern Works")]
    assert len(found("zirconia")) == 2
    consent.take_back(actor=cast.owner.actor)
    assert found("zirconia", who="person") == []
    assert not ExpertProfile.objects.filter(user=cast.owner.user).exists()


def test_consent_ends_with_membership_verification_and_account(cast):
    post(cast.owner, title_en="Zirconia membrane")
    agree(cast.owner)
    user, home = cast.owner.user, cast.home
    one = [("Owner", "Lantern Works")]
    assert found("zirconia", who="person") == one
    row = Membership.objects.get(user=user)
    Membership.objects.filter(pk=row.pk).delete()
    assert found("zirconia", who="person") == []
    row.save(force_insert=True)
    assert found("zirconia", who="person") == one
    Organisation.objects.filter(pk=home.pk).update(verified_at=None)
    assert found("zirconia") == []
    Organisation.objects.filter(pk=home.pk).update(verified_at=home.verified_at)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert found("zirconia", who="person") == []


def test_closing_the_account_deletes_the_consent(cast):
    from accounts.actions.people import close_account

    agree(cast.colleague, about="Ceramics")
    close_account(actor=cast.colleague.fresh())
    assert not ExpertProfile.objects.exists()


@pytest.mark.parametrize(
    "hidden",
    [{"is_anonymous": True}, {"visibility": "members"}, {"visibility": "confidential"}],
)
def test_hidden_and_anonymous_listings_do_not_count(cast, hidden):
    agree(cast.owner)
    post(cast.owner, title_en="Zirconia membrane", **hidden)
    post(cast.owner, title_en="Gearbox")
    assert found("zirconia") == []
    members = [] if "members" not in hidden.values() else [
        ("organisation", "Lantern Works"), ("Owner", "Lantern Works")
    ]  # fmt: skip
    assert found("zirconia", cast.rival.actor) == members
    if "is_anonymous" in hidden:
        assert found("zirconia", cast.owner.actor) == []
    for player in (cast.visitor, cast.newcomer):
        page = player.client.get("/experts/?q=zirconia").content.decode()
        assert "Lantern Works" not in page
        api = player.api.get("/api/v1/experts/?q=zirconia")
        assert api.json()["results"] == []
    counted = cast.visitor.api.get("/api/v1/experts/?q=gearbox").json()["results"]
    assert {row["hits"] for row in counted} == {1}


def test_closed_words_of_an_open_listing_find_nobody(cast):
    post(cast.owner, title_en="Membrane", confidential_text_en="made of zirconia",
         members_text_en="fired at noon")  # fmt: skip
    assert found("zirconia") == []
    assert found("zirconia", cast.rival.actor) == []
    assert found("fired noon") == []
    assert found("fired noon", cast.rival.actor) == [("organisation", "Lantern Works")]


def test_withdrawn_listings_and_imported_ones_speak_for_no_person(cast):
    agree(cast.owner)
    listing = post(cast.owner, title_en="Zirconia membrane")
    withdraw(actor=cast.owner.actor, listing_id=listing.pk)
    assert found("zirconia") == []


def test_consent_needs_a_name_and_an_organisation_of_ones_own(cast):
    with pytest.raises(Invalid):
        consent.agree(actor=cast.owner.actor, organisation=cast.outside.public_id)
    with pytest.raises(Invalid):
        consent.agree(actor=cast.owner.actor, organisation=cast.home.public_id, title="a\u202eb")
    type(cast.owner.user).objects.filter(pk=cast.owner.user.pk).update(name="")
    with pytest.raises(Conflict):
        agree(cast.owner)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_finder_and_consent_pages(cast, language):
    client = cast.owner.client
    client.cookies["language"] = cast.visitor.client.cookies["language"] = language
    post(cast.owner, title_en="Zirconia membrane")
    assert "expert" in client.get("/account/expert/").request["PATH_INFO"]
    bad = client.post("/account/expert/", {"organisation": "x", "title": "kept title"})
    assert bad.status_code == 422
    assert "kept title" in bad.content.decode()
    good = {"organisation": cast.home.public_id, "title": "Head of ceramics", "about": "Kilns"}
    assert client.post("/account/expert/", good).status_code == 302
    page = cast.visitor.client.get("/experts/?q=zirconia").content.decode()
    assert "Head of ceramics" in page
    assert "Kilns" in page
    assert "@cast.example" not in page
    assert cast.owner.user.public_id not in page
    assert "/introductions/ask/" in page
    for query in ("", "?q=%3F", "?q=nothing", "?q=zirconia&field=x&region=zz&who=all&page=x",
                  "?q=%00", "?field=new_energy&q=zirconia"):  # fmt: skip
        assert cast.visitor.client.get(f"/experts/{query}").status_code == 200
    assert client.post("/account/expert/take-back/").status_code == 302
    assert (
        "Head of ceramics" not in cast.visitor.client.get("/experts/?q=zirconia").content.decode()
    )
    assert cast.newcomer.client.get("/account/expert/").status_code == 200


def test_consent_and_finder_by_api(cast):
    api, one = cast.owner.api, "/api/v1/me/expert-profile/"
    post(cast.owner, title_en="Zirconia membrane")
    assert api.get(one).status_code == 404
    given = {"organisation": cast.home.public_id, "title": "Head"}
    assert api.put(one, given, format="json").json()["title"] == "Head"
    assert api.get(one).json()["organisation"] == cast.home.public_id
    answer = cast.visitor.api.get("/api/v1/experts/?q=zirconia&who=person").json()
    assert answer["results"][0]["name"] == "Owner"
    assert answer["results"][0]["listings"][0]["title_en"] == "Zirconia membrane"
    assert "email" not in str(answer)
    assert api.delete(one).status_code == 204
    assert cast.visitor.api.get("/api/v1/experts/?q=zirconia&who=person").json()["results"] == []
    for wrong in ("?q=", "?q=x&who=all", "?q=x&field=alchemy", "?q=x&region=zz", ""):
        assert cast.visitor.api.get(f"/api/v1/experts/{wrong}").status_code == 400


def test_as_many_queries_for_one_as_for_many(cast, django_assert_num_queries):
    agree(cast.owner)
    for player in (cast.owner, cast.outsider, cast.rival, cast.broker):
        for number in range(3):
            post(player, title_en=f"Zirconia membrane {number}")
    actor = actor_for(None)
    with django_assert_num_queries(5):
        experts = find_experts(Asked("zirconia"), actor).experts
    assert len(experts) == 5
    with django_assert_num_queries(2):
        with_listings(experts, actor)
