"""The deal room of the demo market (room.yaml), played step by step through the actions."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.queries import actor_for
from contracts.certificates.typesetting import pdf_of
from deals.actions.room_documents import put_document
from deals.actions.room_talks import post_room_message
from deals.actions.rooms import accept_agreement, open_room_between
from deals.actions.term_sheets import make_offer, write_offer
from deals.models import DealRoom
from deals.queries.nda import text_of
from marketplace.core.actor import Actor
from marketplace.demo.names import MAIL_DOMAIN, read, stable_id

VALID = dt.timedelta(days=45)


@transaction.atomic
def play() -> None:
    """Once: the room is not played again where there is one of these two."""
    script = read("room.yaml")
    supplier, taker = (
        Organisation.objects.get(public_id=stable_id("organisation", script[side]))
        for side in ("supplier", "taker")
    )
    if DealRoom.objects.filter(supplier=supplier, taker=taker).exists():
        return
    people = {side: _actor(key) for side, key in script["people"].items()}
    room = open_room_between(
        actor=people["broker"], supplier_id=supplier.pk, taker_id=taker.pk, title=script["title"]
    )
    for step in script["steps"]:
        _do(room, step, people[step["by"]])


def _do(room: DealRoom, step: dict[str, Any], actor: Actor) -> None:
    one: dict[str, Any] = {"actor": actor, "room_id": room.pk, "side": step["by"]}
    if "says" in step:
        post_room_message(body=step["says"], **one)
    elif "signs" in step:
        accept_agreement(text_hash=text_of(room.nda_version).hash, name=step["signs"], **one)
    elif "puts" in step:
        template = Path(__file__).with_name("room.typ")
        content = pdf_of(template, {"title": step["puts"]}, timezone.now())
        put_document(upload=SimpleUploadedFile(f"{step['puts']}.pdf", content), **one)
    else:
        facts = {**step["offers"], "valid_until": timezone.localdate() + VALID}
        sheet = write_offer(facts=facts, **one)
        make_offer(sheet_public_id=sheet.public_id, **one)


def _actor(key: str) -> Actor:
    user = User.objects.get(email=f"{key}@{MAIL_DOMAIN}")
    return actor_for(user, user.language)
