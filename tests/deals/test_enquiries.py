"""Asking without a name: what goes, what is refused, what nobody ever learns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.mail import EmailMultiAlternatives

from accounts.models import Alliance, AllianceMember
from deals.actions.enquiries import ask_unnamed
from deals.actions.releases import release_identity
from deals.actions.talks import post_message
from deals.identifying import contacts_in, names_in
from deals.models import Enquiry, Introduction
from deals.queries.visibility import claimable_by
from deals.rules import MAX_ENQUIRIES_A_DAY
from events.models import Event, Notification
from listings.models import Listing
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused
from matching.models import Match
from matching.queries.visibility import visible_to as matches_visible_to
from tests.listings.factories import published
from tests.matching.factories import match_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cast import Cast, Player

pytestmark = pytest.mark.django_db
WORDS = "Does it keep its strength at 300 degrees for a week?"
SECRETS = {
    "title_en": "Gorgonzite liner for furnace doors", "title_zh": "秘钴炉门内衬",
    "summary_en": "Vernacite wanted", "body_en": "Querulant body",
    "confidential_text_en": "Zanthoxar", "region": "420111",
    "price_min": "987654", "price_max": "1287654",
}  # fmt: skip


def pair_for(cast: Cast, **need: Any) -> Match:
    """`home` (owner) has a confidential need, `outside` (outsider) a public technology."""
    values = {**SECRETS, "visibility": "confidential", **need}
    return match_of(published(cast.home, kind="need", **values), published(cast.outside))


def ask(cast: Cast, match: Match, words: str = WORDS, **values: Any) -> Introduction:
    return ask_unnamed(actor=cast.owner.actor, match_id=match.pk, words=words, **values)


def told(player: Player) -> str:
    rows = Notification.objects.filter(recipient=player.user)
    return json.dumps([[row.params, row.url, row.kind] for row in rows], ensure_ascii=False)


def all_that_is_read(player: Player, made: Introduction, match: Match) -> dict[str, str]:
    """Every door of the enquiry for one reader, with headers: a file's name stands there."""
    pages = [
        made.get_absolute_url(), f"{made.get_absolute_url()}thread/", "/introductions/",
        "/introductions/?tab=all", f"{made.get_absolute_url()}nda/",
        f"{made.get_absolute_url()}close/", "/notifications/", "/", "/dashboard/", "/desk/",
        "/matches/", "/matches/?side=technology&show=all", f"/matches/{match.public_id}/",
        f"/technologies/{match.technology.public_id}/",
        f"/introductions/unnamed/?match={match.public_id}",
    ]  # fmt: skip
    calls = [
        "/api/v1/introductions/", f"/api/v1/introductions/{made.public_id}/",
        f"/api/v1/introductions/{made.public_id}/messages/", "/api/v1/notifications/",
        f"/api/v1/introductions/{made.public_id}/nda/", "/api/v1/introductions/requests/",
        "/api/v1/matches/", f"/api/v1/introductions/?need={match.need.public_id}",
    ]  # fmt: skip
    found = {}
    for client, paths in ((player.client, pages), (player.api, calls)):
        for path in paths:
            answer = client.get(path)
            assert answer.status_code < 500, path
            found[path] = f"{answer.headers} {answer.content.decode()}"
    found["notices"] = told(player)
    return found


NEVER = (
    "Gorgonzite", "秘钴", "Vernacite", "Querulant", "Zanthoxar", "420111", "987654", "1287654",
    "987,654", "1,287,654", "98.7654", "98.77", "owner@cast.example",
)  # fmt: skip


@pytest.mark.parametrize("who", ["outsider", "broker", "rival", "visitor"])
def test_nobody_learns_who_asks_or_from_which_listing(
    cast: Cast, who: str, run_jobs: Callable[..., int], mailoutbox: list[EmailMultiAlternatives]
) -> None:
    cast.owner.user.name = "Quentin Abelard"
    cast.owner.user.save()
    match = pair_for(cast)
    made = ask(cast, match)
    post_message(actor=cast.owner.actor, introduction_id=made.pk, body="And at 400 degrees?")
    run_jobs(check=False)
    player = getattr(cast, who)
    names = [
        cast.home.name_en, cast.home.name_zh, cast.home.public_id, match.need.public_id,
        str(cast.owner.user), *NEVER,
    ]  # fmt: skip
    for door, text in all_that_is_read(player, made, match).items():
        for secret in names:
            if secret and secret != match.need.public_id:
                assert secret not in text, (door, secret)
        asked_for = match.need.public_id in door
        assert asked_for or match.need.public_id not in text, door
    mails = [mail for mail in mailoutbox if player.user and mail.to == [player.user.email]]
    assert bool(mails) is (who == "outsider")
    for mail in mails:
        text = f"{mail.subject} {mail.body} {mail.alternatives} {mail.extra_headers} {mail.to}"
        assert not [secret for secret in names if secret and secret in text]
    filtered = player.api.get(f"/api/v1/introductions/?need={match.need.public_id}")
    assert filtered.json().get("results", []) == []


def test_events_name_no_confidential_listing(cast: Cast) -> None:
    match = pair_for(cast)
    made = ask(cast, match)
    for event in Event.objects.filter(object_id=made.public_id):
        held = json.dumps([event.before, event.after, event.data])
        assert match.need.public_id not in held and match.public_id not in held


def test_other_side_reads_the_words_and_answers(cast: Cast) -> None:
    made = ask(cast, pair_for(cast))
    page = cast.outsider.client.get(made.get_absolute_url()).content.decode()
    assert WORDS in page and "name is withheld" in page
    assert "An enterprise or institution" in page
    assert "introduction.enquiry" in told(cast.outsider)
    post_message(actor=cast.outsider.actor, introduction_id=made.pk, body="For two weeks.")
    assert "For two weeks." in cast.owner.client.get(made.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("shows", "seen"),
    [([], []), (["province"], ["Hubei"]), (["price"], []), (["field"], ["Field"])],
)
def test_only_what_was_ticked_goes(cast: Cast, shows: list[str], seen: list[str]) -> None:
    made = ask(cast, pair_for(cast), shows=shows)
    enquiry = cast.outsider.api.get(f"/api/v1/introductions/{made.public_id}/").json()["enquiry"]
    assert bool(enquiry["province"]) is ("province" in shows)
    assert bool(enquiry["price_min"]) is ("price" in shows)
    assert bool(enquiry["field"]) is ("field" in shows)
    page = cast.outsider.client.get(made.get_absolute_url()).content.decode()
    panel = page[page.index('id="enquiry"') : page.index('id="talk-title"')]
    if "province" in shows:
        assert seen[0] in panel and enquiry["province"] == "420000"
    assert ("Budget" in panel) is ("price" in shows)
    # a later change of the listing releases nothing
    Listing.objects.filter(visibility="confidential").update(region="310000")
    again = cast.outsider.api.get(f"/api/v1/introductions/{made.public_id}/").json()["enquiry"]
    assert again == enquiry


def test_name_is_shown_in_one_step_that_is_an_event(cast: Cast) -> None:
    made = ask(cast, pair_for(cast))
    release_identity(actor=cast.owner.actor, introduction_id=made.pk)
    assert Event.objects.filter(kind="introduction.identity_released").count() == 1
    page = cast.outsider.client.get(made.get_absolute_url()).content.decode()
    assert cast.home.name_en in page and "Gorgonzite" not in page
    # it may name itself from now on
    post_message(actor=cast.owner.actor, introduction_id=made.pk, body=f"{cast.home.name_en} here.")


@pytest.mark.parametrize("words", [
    "We at {name} wonder", "write to a.b@example.com", "call 138 0013 8000", "see www.example.cn/x",
    "微信：gorgon12345", "我们{name_zh}想了解", "+86 27 8765 4321", "",
])  # fmt: skip
def test_words_that_would_tell_who_asks_are_refused(cast: Cast, words: str) -> None:
    match = pair_for(cast)
    filled = words.format(name=cast.home.name_en, name_zh=cast.home.name_zh)
    with pytest.raises(Invalid) as caught:
        ask(cast, match, filled)
    assert "words" in caught.value.fields
    assert not Introduction.objects.exists() and not Notification.objects.exists()
    answer = cast.owner.client.post(
        f"/introductions/unnamed/?match={match.public_id}", {"words": filled}
    )
    assert answer.status_code == 422
    assert filled.split("@")[0] in answer.content.decode()  # what was typed is kept


def test_later_messages_are_held_back_too(cast: Cast) -> None:
    made = ask(cast, pair_for(cast))
    with pytest.raises(Invalid) as caught:
        post_message(
            actor=cast.owner.actor, introduction_id=made.pk, body=f"Yours, {cast.home.name_en}"
        )
    assert "body" in caught.value.fields
    answer = cast.owner.client.post(
        f"{made.get_absolute_url()}messages/", {"body": "My mail is x@y.example"}
    )
    assert answer.status_code == 422 and "x@y.example" in answer.content.decode()
    # who is asked writes what it likes
    post_message(actor=cast.outsider.actor, introduction_id=made.pk, body="Call +86 27 8765 4321")


def test_only_so_many_a_day(cast: Cast) -> None:
    for _number in range(MAX_ENQUIRIES_A_DAY):
        ask(cast, pair_for(cast))
    with pytest.raises(Conflict) as caught:
        ask(cast, pair_for(cast))
    assert caught.value.code == "too_many_enquiries"


def test_the_same_listing_is_not_asked_again_from_a_copy(cast: Cast) -> None:
    match = pair_for(cast)
    ask(cast, match)
    with pytest.raises(Conflict) as caught:
        ask(cast, match)
    assert caught.value.code == "asked_lately"
    copy = published(cast.home, kind="need", visibility="confidential")
    with pytest.raises(Conflict):
        ask(cast, match_of(copy, match.technology))


def test_who_may_not_ask(cast: Cast) -> None:
    match = pair_for(cast)
    for player in (cast.outsider, cast.rival, cast.broker, cast.visitor):
        with pytest.raises(NotFound):
            ask_unnamed(actor=player.actor, match_id=match.pk, words=WORDS)
        path = f"/introductions/unnamed/?match={match.public_id}"
        assert player.client.get(path).status_code in (302, 404)
    named = match_of(published(cast.home, kind="need"), published(cast.outside))
    with pytest.raises(NotFound):  # its owner stands on the market: it asks under its name
        ask(cast, named)
    claim = match_of(
        published(cast.claim, kind="need", visibility="confidential"), published(cast.outside)
    )
    with pytest.raises(Refused):
        ask_unnamed(actor=cast.claimant.actor, match_id=claim.pk, words=WORDS)


def test_anonymous_listing_asks_as_the_market_shows_it(cast: Cast) -> None:
    match = pair_for(cast, visibility="public", is_anonymous=True)
    made = ask(cast, match)
    page = cast.outsider.client.get(made.get_absolute_url()).content.decode()
    assert "Gorgonzite" in page  # the market shows it
    assert cast.home.name_en not in page and cast.home.public_id not in page


def test_only_the_brokers_that_were_asked_see_it(cast: Cast) -> None:
    match = pair_for(cast)
    with pytest.raises(Invalid):  # no institution of its own
        ask(cast, match, through=cast.tti.public_id)
    alliance = Alliance.objects.create(name_en="Delta", lead=cast.tti)
    for one in (cast.tti, cast.home):
        AllianceMember.objects.create(alliance=alliance, organisation=one, state="member")
    made = ask(cast, match, through=cast.tti.public_id)
    assert list(claimable_by(cast.broker.actor)) == [made]
    assert "introduction.broker_wanted" in told(cast.broker)
    desk = cast.broker.client.get("/desk/").content.decode()
    assert "Confidential need" in desk
    requests = cast.broker.api.get("/api/v1/introductions/requests/").json()["results"]
    assert [row["need"] for row in requests] == [None]
    other = cast.outsider.client.get(made.get_absolute_url()).content.decode()
    assert cast.tti.name_en not in other  # who works with whom would tell
    assert cast.broker.client.post(f"/desk/{made.public_id}/claim/").status_code == 302
    page = cast.broker.client.get(made.get_absolute_url()).content.decode()
    assert WORDS in page and cast.home.name_en not in page and "Gorgonzite" not in page


def test_page_asks_and_leads_to_the_talk(cast: Cast) -> None:
    match = pair_for(cast)
    pair_page = cast.owner.client.get(f"/matches/{match.public_id}/").content.decode()
    path = f"/introductions/unnamed/?match={match.public_id}"
    assert path in pair_page and "You alone see this pair" in pair_page
    form = cast.owner.client.get(path)
    assert form.status_code == 200 and "checked" not in form.content.decode().split("shows")[1]
    sent = cast.owner.client.post(path, {"words": WORDS, "shows": ["province"]})
    made = Introduction.objects.get()
    assert sent["Location"] == made.get_absolute_url()
    assert Enquiry.objects.get().province == "420000" and not Enquiry.objects.get().field
    assert cast.owner.client.get(path)["Location"] == made.get_absolute_url()


def test_api_asks(cast: Cast) -> None:
    match = pair_for(cast)
    path = "/api/v1/introductions/ask-unnamed/"
    answer = cast.owner.api.post(
        path, {"match": match.public_id, "words": WORDS, "shows": ["field"]}, format="json"
    )
    assert answer.status_code == 201, answer.content
    assert answer.json()["enquiry"]["field"]
    wrong = cast.owner.api.post(path, {"match": match.public_id, "words": ""}, format="json")
    assert wrong.status_code == 400
    strange = cast.rival.api.post(path, {"match": match.public_id, "words": WORDS}, format="json")
    assert strange.status_code == 404


def test_near_copies_find_out_nothing(cast: Cast, run_jobs: Callable[..., int]) -> None:
    """Whoever posts copies of a guess sees no pair, no score, no level and no count."""
    published(cast.home, kind="need", **{**SECRETS, "visibility": "confidential"})
    before = cast.outsider.api.get("/api/v1/matches/").json()
    for number in range(3):
        published(cast.outside, title_en=f"Gorgonzite liner {number}", summary_en="Vernacite")
    run_jobs(check=False)
    assert Match.objects.filter(need__visibility="confidential").count() == 3
    assert not matches_visible_to(cast.outsider.actor).exists()
    assert cast.outsider.api.get("/api/v1/matches/").json() == before
    for path in ("/matches/", "/matches/?side=technology&show=all", "/dashboard/"):
        page = cast.outsider.client.get(path).content.decode()
        assert "Confidential need" not in page and "Vernacite wanted" not in page
    kinds = set(Notification.objects.filter(recipient=cast.outsider.user).values_list("kind"))
    assert not {kind for (kind,) in kinds if kind.startswith("match.")}
    own = matches_visible_to(cast.owner.actor)
    assert own.count() == 3  # its poster alone sees the ranked other side
    assert not Event.objects.filter(
        kind="match.found", organisation_ids__contains=[cast.outside.pk]
    ).exists()


@pytest.mark.parametrize(("text", "names", "found"), [
    ("the ACME works are old", ["ACME Co., Ltd."], True), ("acmexyz", ["ACME Ltd"], False),
    ("我们光明轴承很好", ["光明轴承有限公司"], True), ("光明的未来", ["光明轴承有限公司"], False),
    ("A C M E", ["ACME"], False), ("91420100MA4KX12345", ["91420100MA4KX12345"], True),
    ("nothing", ["", "Co., Ltd."], False),
])  # fmt: skip
def test_names_are_found_as_people_write_them(text: str, names: list[str], found: bool) -> None:
    assert bool(names_in(text, names)) is found


@pytest.mark.parametrize("text", [
    "at 1 000 000 cycles and -40 to 120 degC", "ISO 12944-6:2018, 85 %RH for 3000 h",
    "pH 3.5-4.2, 0.15 mm", "between 2024-01-01 and 2026-12-31", "GB/T 1771-2007",
    "grade 316L.co2 below 400 ppm",
])  # fmt: skip
def test_figures_of_a_problem_are_no_addresses(text: str) -> None:
    assert contacts_in(text) == []
