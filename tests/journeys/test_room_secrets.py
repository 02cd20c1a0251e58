"""A confidential document in a deal room, and everybody who tries each door of it in vain."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
from django.core import mail

from tests.contracts.documents import pdf_of
from tests.deals import factories
from tests.journeys import dealers

if TYPE_CHECKING:
    from tests.cast import Cast, Player
    from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS, TITLE, SECRET = "Ninety grams of quartz", "Recipe Sevenfold", "Anneal at 412 degrees"
SECRETS = (WORDS, TITLE, SECRET)
LISTS = (
    "/rooms/", "/introductions/", "/introductions/?state=all", "/notifications/", "/dashboard/",
    "/contracts/", "/cases/", "/technologies/?q=Sevenfold", "/needs/?q=Sevenfold",
    "/ask/?q=Sevenfold", "/register/?q=Sevenfold", "/suggestions/?q=Sevenfold",
    "/experts/?q=quartz",
)  # fmt: skip
API = "/api/v1/"


def test_nobody_else_comes_in_by_any_door(sit_down: Any, cast: Cast, run_jobs: Any) -> None:
    made = factories.introduced(
        cast, need={"title_zh": "求购低温电解液"}, technology={"title_zh": "含氟酯类电解液"}
    )
    owner, supplier = sit_down(cast.owner, "zh-hans", 390), sit_down(cast.outsider)
    former = sit_down(cast.colleague)

    # the two sides come to a room under the agreement, and put in what is confidential
    for person, words in ((owner, "您好"), (supplier, "Good morning")):
        dealers.open_introduction(person)
        dealers.talk(person, words)
    supplier.press("Open the deal room")
    room = supplier.page.url
    public_id = room.rstrip("/").rsplit("/", 1)[1]
    assert supplier.page.locator("input[type=file]").count() == 0  # not before the agreement
    dealers.accept_agreement(supplier, "Sue Lake")
    owner.open(room)
    dealers.accept_agreement(owner, "欧文")
    supplier.open(room)
    dealers.put_document(supplier, "recipe.pdf", pdf_of([SECRET]), {
        "Title": TITLE, "Who may open it": "nda",
    })  # fmt: skip
    dealers.say(supplier, WORDS)
    run_jobs()

    # the other side reads it, with its name on the page; the opening is logged
    owner.open(room)
    owner.sees(WORDS)
    with owner.page.expect_download() as started:
        owner.page.get_by_role("link", name=TITLE).first.click()
    document = re.sub(r"^https?://[^/]+", "", started.value.url)
    text = _text(started.value.path().read_bytes())
    assert SECRET in text and "Owner" in text, text
    supplier.open(room)
    supplier.page.locator(".documents details.fold > summary").first.click()
    supplier.sees("Owner")

    # a colleague who was inside keeps every address, and is taken out
    path = f"/rooms/{public_id}/"
    doors = ["", "nda/", "offers/", "offers/new/", "news/", "news/?after=0", "messages/",
             document.removeprefix(path)]  # fmt: skip
    former.open(path)
    former.sees(TITLE)
    assert former.page.request.get(document).status == 200
    owner.open(room)
    owner.confirm("Take out", "Take out")

    outsiders: list[tuple[Person, Player]] = [(former, cast.colleague)]
    outsiders += [
        (sit_down(player), player)
        for player in (cast.rival, cast.broker, cast.registrar, cast.moderator, cast.newcomer)
    ]
    for person, player in outsiders:
        for door in doors:
            answer = person.page.request.get(path + door)
            assert answer.status in (404, 405), (player, door, answer.status)
            _says_nothing(player, door, answer.text())
        for address in LISTS:
            answer = person.page.request.get(address)
            assert answer.status in (200, 403, 404), (player, address, answer.status)
            _says_nothing(player, address, answer.text())
        _tries_the_api(person, player, public_id, document.removeprefix(path))
    visitor = sit_down(None)
    for address in (*(path + door for door in doors), *LISTS):
        answer = visitor.page.request.get(address)
        if address.startswith("/rooms/"):
            assert "/account/login/" in answer.url or answer.status in (404, 405), address
        _says_nothing(cast.visitor, address, answer.text())
    for door in doors:
        assert visitor.page.request.get(f"{API}rooms/{public_id}/{door}").status in (401, 404)
    said = "".join(
        f"{letter.subject} {letter.body} {letter.alternatives}" for letter in mail.outbox
    )
    assert mail.outbox and not [text for text in SECRETS if text in said]

    # what the two sides have is untouched
    owner.open(room)
    owner.sees(TITLE)
    assert made.public_id in owner.page.content()


def _tries_the_api(person: Person, player: Player, public_id: str, document: str) -> None:
    """Reading and writing, with a token of every scope."""
    headers = {"Authorization": f"Bearer {player.secret}"}
    request, one = person.page.request, f"{API}rooms/{public_id}/"
    for door in ("", "nda/", "messages/", "offers/", "documents/", document):
        answer = request.get(one + door, headers=headers)
        assert answer.status == 404, (player, door, answer.status)
        _says_nothing(player, door, answer.text())
    for door, data in (
        ("messages/", {"body": "Let me in"}), ("offers/", {"type": "licence"}),
        ("accept-nda/", {"name": "X"}), ("seats/", {"user": 1}), ("close/", {}),
        ("draft-contract/", {}),
    ):  # fmt: skip
        answer = request.post(one + door, headers=headers, data=data)
        assert answer.status == 404, (player, door, answer.status, answer.text())
    for list_ in ("rooms/", "introductions/", "contracts/"):
        answer = request.get(API + list_, headers=headers)
        assert answer.status == 200, (player, list_, answer.status)
        _says_nothing(player, list_, answer.text())
        if list_ == "rooms/":
            assert public_id not in answer.text()


def _says_nothing(player: Player, address: str, text: str) -> None:
    told = [one for one in SECRETS if one in text]
    assert not told, (player, address, told)


def _text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(content))
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
