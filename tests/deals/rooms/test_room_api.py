"""The API of deal rooms: the same gates and actions as the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deals.models import DealRoom, TermSheet
from tests.deals.rooms import factories

if TYPE_CHECKING:
    from tests.cast import Cast, Player

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/rooms/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def post(player: Player, room: DealRoom, name: str, /, **body: Any) -> Any:
    return player.api.post(f"{ROOT}{room.public_id}/{name}/", body, format="json")


def test_a_room_goes_from_opening_to_a_contract_by_api_alone(cast: Cast) -> None:
    made = cast.broker.api.post(
        ROOT, {"supplier": cast.outside.public_id, "taker": cast.home.public_id, "title": "X"},
        format="json",
    )  # fmt: skip
    assert made.status_code == 201, made.json()
    room = DealRoom.objects.get(public_id=made.json()["id"])
    for player in (cast.owner, cast.outsider):
        text = player.api.get(f"{ROOT}{room.public_id}/nda/").json()
        signed = post(player, room, "accept-nda", text_hash=text["text_hash"], name=player.name)
        assert signed.status_code == 200, signed.json()
    assert signed.json()["is_open"] is True
    assert post(cast.owner, room, "messages", body="Hello").status_code == 201
    put = cast.outsider.api.post(
        f"{ROOT}{room.public_id}/documents/put/",
        {"file": SimpleUploadedFile("a.pdf", factories.pdf())},
        format="multipart",
    )
    assert put.status_code == 201, put.json()
    [document] = cast.owner.api.get(f"{ROOT}{room.public_id}/documents/").json()
    file = cast.owner.api.get(f"{ROOT}{room.public_id}/documents/{document['id']}/1/")
    assert file.status_code == 200 and file.headers["X-Watermark"] == "yes"
    [own] = cast.outsider.api.get(f"{ROOT}{room.public_id}/documents/").json()
    assert own["openings"][0]["is_marked"] is True and document["openings"] == []
    facts = {**factories.FACTS, "valid_until": factories.until().isoformat()}
    facts["instalments"] = [{"event": "pilot accepted", "amount": "600000"}]
    offer = post(cast.outsider, room, "offers", **facts)
    assert offer.status_code == 201, offer.json()
    name = offer.json()["id"]
    assert cast.owner.api.get(f"{ROOT}{room.public_id}/offers/").json()["results"] == []
    assert post(cast.outsider, room, f"offers/{name}/make").status_code == 200
    assert post(cast.outsider, room, f"offers/{name}/accept").status_code == 403
    assert post(cast.owner, room, f"offers/{name}/accept").json()["state"] == "accepted"
    assert post(cast.owner, room, f"offers/{name}/accept").status_code == 409
    drafted = post(cast.owner, room, "draft-contract").json()["contract"]
    contract = cast.owner.api.get(f"/api/v1/contracts/{drafted}/").json()
    assert (contract["type"], contract["payment_mode"]) == ("licence", "upfront_royalty")


def test_outsiders_find_nothing_by_any_door(cast: Cast) -> None:
    room = factories.under_nda(cast)
    file = factories.document(room, cast.outsider.actor)
    sheet = factories.offer(room, cast.outsider.actor)
    draft = factories.draft(room, cast.outsider.actor, words="Planted secret")
    doors = ["", "nda/", "messages/", "offers/", "documents/",
             f"documents/{file.document.public_id}/1/"]  # fmt: skip
    for player in (cast.rival, cast.broker, cast.operator, cast.moderator, cast.newcomer):
        for door in doors:
            assert player.api.get(f"{ROOT}{room.public_id}/{door}").status_code == 404, door
        for name in ("messages", "close", "seats", "accept-nda", "draft-contract", "offers",
                     f"offers/{sheet.public_id}/accept"):  # fmt: skip
            assert post(player, room, name).status_code == 404, name
        assert player.api.get(ROOT).json()["results"] == []
    for page in ("offers/", ""):
        assert "Planted" not in cast.owner.api.get(f"{ROOT}{room.public_id}/{page}").text
    assert post(cast.owner, room, f"offers/{draft.public_id}/accept").status_code == 404
    assert TermSheet.objects.get(pk=draft.pk).state == "draft"


def test_the_list_costs_a_fixed_number_of_statements_a_room(cast: Cast) -> None:
    factories.under_nda(cast)
    assert len(cast.owner.api.get(ROOT).json()["results"]) == 1
    assert cast.visitor.api.get(ROOT).status_code == 401
