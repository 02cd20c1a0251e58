"""Deal rooms at work: a page over a long thread, and many open pages that ask what is new."""

from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from deals import nda
from deals.models import DealRoom, RoomAcceptance, RoomMessage, RoomSeat
from marketplace.bench.measure import time_requests

ROOMS = 50
PEOPLE = 200
MESSAGES = 10_000  # in the longest room; polled rooms hold one each
ASKED = 2_000  # polls
PAGES = 100
_HOST = "rooms.bench.example"
_TITLE = "Bench"
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Reader(NamedTuple):
    """Somebody with a seat, signed in."""

    path: str
    headers: dict[str, str]


def measure(port: int) -> list[tuple[str, list[float], float]]:
    """Name, seconds of each call, seconds of all, for a server on this port of the database in
    use. Raises RuntimeError for an answer that is not the expected one."""
    readers = fill()
    long = readers[0]
    page = time_requests(port, [long.path], total=PAGES, headers={"Cookie": long.headers["Cookie"]})
    polls = time_requests(
        port, [f"{one.path}news/?after={MESSAGES}" for one in readers], total=ASKED, expected=204,
        headers=[one.headers for one in readers],
    )  # fmt: skip
    return [
        (f"page with {MESSAGES} messages", *page),
        (f"polling, {PEOPLE} people, {ROOMS} rooms", *polls),
    ]


def fill() -> list[Reader]:
    """Rooms under their agreement with as many people in each; the first holds the long thread."""
    DealRoom.objects.filter(title=_TITLE).delete()
    User.objects.filter(email__endswith=f"@{_HOST}").delete()
    houses = list(Organisation.objects.filter(verified_at__isnull=False).order_by("pk")[:2])
    text = nda.text_of(nda.current(timezone.localdate()).version)
    people = User.objects.bulk_create(
        User(email=f"reader-{number}@{_HOST}", name=f"Reader {number}") for number in range(PEOPLE)
    )
    Membership.objects.bulk_create(
        Membership(user=user, organisation=houses[number % 2], roles=["editor"])
        for number, user in enumerate(people)
    )
    rooms = DealRoom.objects.bulk_create(
        DealRoom(
            title=_TITLE, supplier=houses[0], taker=houses[1], nda_version=text.version,
            last_message=MESSAGES,
        )
        for _number in range(ROOMS)
    )  # fmt: skip
    for side, house in (("supplier", houses[0]), ("taker", houses[1])):
        RoomAcceptance.objects.bulk_create(
            RoomAcceptance(
                room=room, side=side, organisation=house, nda_version=text.version,
                text_hash=text.hash, name="Bench",
            )
            for room in rooms
        )  # fmt: skip
    seats = [_seat(rooms[number // 2 % ROOMS], user, number) for number, user in enumerate(people)]
    RoomSeat.objects.bulk_create(seats)
    RoomMessage.objects.bulk_create(
        (
            RoomMessage(
                room=rooms[0], number=number, side="taker", organisation=houses[1],
                sender=people[1], body=f"Message {number} of a long talk about the coating line.",
            )
            for number in range(1, MESSAGES + 1)
        ),
        batch_size=2_000,
    )  # fmt: skip
    return [
        Reader(seat.room.get_absolute_url(), {"Cookie": _cookie(seat.user), "HX-Request": "true"})
        for seat in seats
    ]


def _seat(room: DealRoom, user: User, number: int) -> RoomSeat:
    side, house = ("taker", room.taker) if number % 2 else ("supplier", room.supplier)
    return RoomSeat(room=room, side=side, organisation=house, user=user, right="write")


def _cookie(user: User) -> str:
    session: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = _BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; language=en"
