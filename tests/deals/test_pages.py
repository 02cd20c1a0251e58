"""Pages of introductions and the desk: shown to the right people, with nothing they may not see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deals.actions.brokers import ask_for_broker
from deals.actions.closing import close
from deals.actions.releases import release_details, release_identity
from deals.actions.talks import post_message
from deals.models import Introduction, IntroductionMessage, NdaAcceptance, State
from deals.nda import text_of
from tests.deals import factories
from tests.listings.factories import published

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.django_db
SECRET = "lithium difluoro oxalato borate at 1.7 percent"


def page(cast: Cast, who: str, introduction: Introduction) -> str:
    answer = getattr(cast, who).client.get(introduction.get_absolute_url())
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_list_shows_mine_and_whose_turn_it_is(cast: Cast) -> None:
    factories.introduced(cast, technology={"title_en": "Quiet fan"})

    mine = cast.owner.client.get("/introductions/").content.decode()
    strangers = cast.rival.client.get("/introductions/").content.decode()

    assert "Quiet fan" in mine and "Your turn" in mine
    assert "Quiet fan" not in strangers and "No introductions yet" in strangers


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("owner", 200), ("colleague", 200), ("outsider", 200), ("broker", 200), ("rival", 404),
        ("newcomer", 404), ("operator", 404), ("moderator", 404), ("registrar", 404),
        ("visitor", 302),
    ],
)  # fmt: skip
def test_the_page_is_for_parties_and_the_broker(cast: Cast, who: str, status: int) -> None:
    made = factories.with_broker(cast)
    client = getattr(cast, who).client

    for path in ("", "nda/", "close/", "thread/"):
        answer = client.get(f"{made.get_absolute_url()}{path}")
        assert answer.status_code == (302 if path == "thread/" and status == 200 else status), path


def test_an_anonymous_side_is_named_nowhere_until_it_says_so(cast: Cast) -> None:
    made = factories.introduced(cast, technology={"is_anonymous": True})
    post_message(actor=cast.outsider.actor, introduction_id=made.pk, body="We have it running.")
    factories.accept(made, cast.outsider.actor, "Wu Di of Lakeside")

    for path in (made.get_absolute_url(), f"{made.get_absolute_url()}nda/", "/introductions/",
                 "/notifications/"):  # fmt: skip
        html = cast.owner.client.get(path).content.decode()
        for secret in ("Lakeside", "湖畔", "Outsider", "Wu Di", cast.outside.public_id):
            assert secret not in html, (path, secret)
    assert "name withheld" in page(cast, "owner", made)

    release_identity(actor=cast.outsider.actor, introduction_id=made.pk)
    html = page(cast, "owner", made)
    assert "Lakeside University" in html and "Outsider" in html and "Wu Di" in html


def test_a_confidential_listing_is_a_word_until_its_details_are_released(cast: Cast) -> None:
    made = factories.under_nda(
        cast,
        technology={
            "visibility": "confidential", "title_en": "Secret title of ours",
            "confidential_text_en": SECRET,
        },
    )  # fmt: skip
    html = page(cast, "owner", made)
    assert "Confidential technology" in html
    assert "Secret title" not in html and "Lakeside" not in html
    assert "Secret title" not in cast.owner.client.get("/introductions/").content.decode()

    release_details(actor=cast.outsider.actor, introduction_id=made.pk)

    assert "Secret title of ours" in page(cast, "owner", made)
    listing = cast.owner.client.get(f"/technologies/{made.technology.public_id}/")
    assert SECRET in listing.content.decode()


def test_the_nda_state_is_said_loudly(cast: Cast) -> None:
    made = factories.introduced(cast)
    assert "No non-disclosure agreement yet" in page(cast, "owner", made)
    factories.accept(made, cast.owner.actor)
    assert "accepted by one side of two" in page(cast, "owner", made)
    factories.accept(made, cast.outsider.actor)
    assert "agreement in force" in page(cast, "owner", made)


def test_a_message_is_posted_and_escaped(cast: Cast) -> None:
    made = factories.introduced(cast)

    answer = cast.owner.client.post(
        f"{made.get_absolute_url()}messages/", {"body": "Hello <script>alert(1)</script>"}
    )

    assert answer.status_code == 302
    html = page(cast, "outsider", made)
    assert "Hello &lt;script&gt;" in html and "<script>alert" not in html


@pytest.mark.parametrize("body", ["", "x" * 4001, "bad \u202e text"])
def test_a_refused_message_comes_back_as_it_was_typed(cast: Cast, body: str) -> None:
    made = factories.introduced(cast)

    answer = cast.owner.client.post(f"{made.get_absolute_url()}messages/", {"body": body})

    assert answer.status_code == 422
    assert body in answer.content.decode()
    assert not IntroductionMessage.objects.exists()


def test_htmx_gets_the_thread_alone(cast: Cast) -> None:
    made = factories.introduced(cast)
    post_message(actor=cast.outsider.actor, introduction_id=made.pk, body="Good morning")

    piece = cast.owner.client.get(
        f"{made.get_absolute_url()}thread/", headers={"HX-Request": "true"}
    )

    assert "Good morning" in piece.content.decode() and "<html" not in piece.content.decode()
    assert "HX-Request" in piece["Vary"]


def test_the_agreement_is_accepted_on_its_page(cast: Cast) -> None:
    made = factories.introduced(cast)
    url = f"{made.get_absolute_url()}nda/"
    read = text_of(made.nda_version).hash

    unsigned = cast.owner.client.post(url, {"text_hash": read, "name": "", "agreed": "on"})
    other_text = cast.owner.client.post(url, {"text_hash": "0" * 64, "name": "Lin", "agreed": "on"})
    assert (unsigned.status_code, other_text.status_code) == (422, 422)
    assert not NdaAcceptance.objects.exists()

    signed = cast.owner.client.post(url, {"text_hash": read, "name": "Lin Lan", "agreed": "on"})

    assert signed.status_code == 302
    assert NdaAcceptance.objects.get().name == "Lin Lan"


def test_closing_asks_for_a_reason_and_keeps_what_was_typed(cast: Cast) -> None:
    made = factories.introduced(cast)
    url = f"{made.get_absolute_url()}close/"

    seen = {"outcome": "not_agreed", "version": str(made.version)}
    asked = cast.owner.client.post(url, {**seen, "words": "It was a pleasure"})
    unseen = cast.owner.client.post(url, {"outcome": "not_agreed", "reason": "funds"})
    assert unseen.status_code == 422 and Introduction.objects.get().state != State.CLOSED
    assert asked.status_code == 422 and "It was a pleasure" in asked.content.decode()
    done = cast.owner.client.post(url, {**seen, "reason": "funds"})

    assert done.status_code == 302
    assert Introduction.objects.get().state == State.CLOSED
    assert "No funds for it" in page(cast, "outsider", made)


@pytest.mark.parametrize(
    ("step", "who"),
    [("broker", "owner"), ("identity", "owner"), ("revoke", "owner"), ("step-back", "broker")],
)
def test_steps_of_one_button(cast: Cast, step: str, who: str) -> None:
    made = factories.with_broker(cast) if step == "step-back" else factories.introduced(cast)
    before = made.version
    url = f"{made.get_absolute_url()}step/{step}/"

    assert cast.rival.client.post(url).status_code == 404
    assert cast.owner.client.get(url).status_code == 405
    answer = getattr(cast, who).client.post(url)

    made.refresh_from_db()
    assert answer.status_code == 302 and made.version > before


def test_a_refused_step_is_said_on_the_page(cast: Cast) -> None:
    made = factories.introduced(cast)

    answer = cast.owner.client.post(f"{made.get_absolute_url()}step/release/", follow=True)

    assert "must accept the non-disclosure agreement" in answer.content.decode()
    assert cast.owner.client.post(f"{made.get_absolute_url()}step/fly/").status_code == 404


def test_asking_on_a_listing_offers_my_own_listings(cast: Cast) -> None:
    technology = published(cast.outside)
    need = published(cast.home, kind="need", title_en="Our noise problem")
    url = f"/introductions/ask/{technology.public_id}/"

    assert "Our noise problem" in cast.owner.client.get(url).content.decode()
    assert "First say what you need" in cast.rival.client.get(url).content.decode()
    assert cast.outsider.client.get(url).status_code == 404  # its own
    assert cast.visitor.client.get(url).status_code == 302
    assert cast.owner.client.post(url, {"listing": "nonsense\x00"}).status_code == 422
    answer = cast.owner.client.post(url, {"listing": need.public_id})

    made = Introduction.objects.get()
    assert answer["Location"] == made.get_absolute_url()


def test_the_desk_is_for_brokers(cast: Cast) -> None:
    for who in ("owner", "registrar", "operator", "newcomer"):
        assert getattr(cast, who).client.get("/desk/").status_code == 403
    assert cast.visitor.client.get("/desk/").status_code == 302
    assert cast.broker.client.get("/desk/").status_code == 200


def test_the_desk_shows_requests_and_pairs_and_takes_them_up(cast: Cast) -> None:
    made = factories.introduced(cast, need={"title_en": "Wanted by somebody"})
    ask_for_broker(actor=cast.owner.actor, introduction_id=made.pk)
    open_pair = factories.match(
        cast.home, cast.outside, answered=False, need={"title_en": "Pair to bring together"}
    )
    factories.match(
        cast.home, cast.outside, answered=False,
        technology={"visibility": "confidential", "title_en": "Never on a desk"},
    )  # fmt: skip

    html = cast.broker.client.get("/desk/").content.decode()
    assert "Wanted by somebody" in html and "Pair to bring together" in html
    assert "Never on a desk" not in html

    claimed = cast.broker.client.post(f"/desk/{made.public_id}/claim/")
    assert claimed["Location"] == made.get_absolute_url()
    brought = cast.broker.client.post(
        "/desk/pair/",
        {"need": open_pair.need.public_id, "technology": open_pair.technology.public_id},
    )
    assert brought.status_code == 302
    assert Introduction.objects.filter(broker=cast.broker.user).count() == 2
    assert cast.rival.client.post(f"/desk/{made.public_id}/claim/").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["?state=closed", "?state=all&side=need", "?side=broker", "?page=99999999", "?state=%00"],
)
def test_filters_of_the_list_never_break(cast: Cast, query: str) -> None:
    factories.introduced(cast)

    assert cast.owner.client.get(f"/introductions/{query}").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_three(
    cast: Cast, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        factories.introduced(cast)
    cast.owner.client.get("/introductions/")

    with django_assert_num_queries(17):
        cast.owner.client.get("/introductions/")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_desk_costs_the_same_for_one_row_and_three(
    cast: Cast, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        factories.with_broker(cast)
        factories.match(cast.home, cast.outside, answered=False)
        asked = factories.introduced(cast)
        ask_for_broker(actor=cast.owner.actor, introduction_id=asked.pk)
    cast.broker.client.get("/desk/")

    with django_assert_num_queries(29):  # four of them are my day in cases
        cast.broker.client.get("/desk/")


def test_the_page_costs_the_same_for_one_message_and_ten(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    made = factories.introduced(cast)
    post_message(actor=cast.outsider.actor, introduction_id=made.pk, body="Good morning")
    page(cast, "owner", made)

    with django_assert_num_queries(20):
        page(cast, "owner", made)
    for _ in range(9):
        post_message(actor=cast.outsider.actor, introduction_id=made.pk, body="Good morning")
    with django_assert_num_queries(20):
        page(cast, "owner", made)


def test_a_closed_introduction_offers_nothing_to_press(cast: Cast) -> None:
    made = factories.introduced(cast)
    close(actor=cast.owner.actor, introduction_id=made.pk, outcome="lapsed")

    html = page(cast, "outsider", made)

    assert "came to nothing" in html
    for address in ("/messages/", "/step/broker/", "/contract/", "/close/"):
        assert f"{made.public_id}{address}" not in html
