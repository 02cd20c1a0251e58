"""Clients, listings, contacts, ties and notes of a case."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries.organisations import visible_to as organisations_visible_to
from contracts.queries.visibility import visible_to as contracts_visible_to
from deals import event_kinds
from deals.actions.case_access import changed_part, keep, locked_for
from deals.models import Case, CaseClient, CaseContact, CaseListing, CaseNote
from deals.queries.visibility import visible_to as introductions_visible_to
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, NotFound, field_error
from marketplace.core.forms import invalid_from

MOST_PARTS = 100  # of one kind
Part = TypeVar("Part", bound=models.Model)
PARTS: dict[str, Any] = {"clients": CaseClient, "listings": CaseListing, "contacts": CaseContact}


@transaction.atomic
def add_client(*, actor: Actor, case_id: int, organisation: str = "", name: str = "") -> CaseClient:
    """By the public id of an organisation that the actor may know of, or by a typed name."""
    case = _room_for(actor, case_id, "clients")
    if organisation:
        found = organisations_visible_to(actor).filter(public_id=organisation).first()
        if found is None:
            raise field_error("organisation", _("There is no such organisation."), "unknown")
        return _added(case, actor, "clients", CaseClient(case=case, organisation=found))
    return _added(case, actor, "clients", CaseClient(case=case, name=_text("name", name)))


@transaction.atomic
def add_listing(*, actor: Actor, case_id: int, listing: str) -> CaseListing:
    """By public id; only one that the actor may see."""
    case = _room_for(actor, case_id, "listings")
    seen = listings_visible_to(actor).filter(revision_of__isnull=True)
    found = seen.filter(public_id=listing).first()
    if found is None:
        raise field_error(
            "listing", _("There is no such listing, or it is not open to you."), code="unknown"
        )
    return _added(case, actor, "listings", CaseListing(case=case, listing=found))


@transaction.atomic
def add_contact(
    *, actor: Actor, case_id: int, name: str, role: str = "", mail: str = "", phone: str = ""
) -> CaseContact:
    case = _room_for(actor, case_id, "contacts")
    contact = CaseContact(
        case=case, name=_text("name", name), role=role.strip(), mail=mail.strip(),
        phone=phone.strip(),
    )  # fmt: skip
    return _added(case, actor, "contacts", contact)


@transaction.atomic
def remove_part(*, actor: Actor, case_id: int, kind: str, public_id: str) -> None:
    """Take a client, listing or contact off; raises NotFound when it is not there."""
    if kind not in PARTS:
        raise NotFound
    case = locked_for(actor, case_id)
    gone, _rows = PARTS[kind].objects.filter(case=case, public_id=public_id).delete()
    if not gone:
        raise NotFound
    changed_part(case, actor, kind, "removed")


@transaction.atomic
def tie_case(*, actor: Actor, case_id: int, kind: str, public_id: str) -> Case:
    """Tie a case to an introduction or a contract that the actor sees, or with an empty id let go.

    kind: "introduction" or "contract". Raises Conflict when another open case has the introduction.
    """
    doors: dict[str, Callable[[Actor], Any]] = {
        "introduction": introductions_visible_to, "contract": contracts_visible_to,
    }  # fmt: skip
    if kind not in doors:
        raise NotFound
    case = locked_for(actor, case_id)
    found = doors[kind](actor).filter(public_id=public_id).first() if public_id else None
    if public_id and found is None:
        raise field_error(kind, _("There is nothing of this number that you may see."), "unknown")
    setattr(case, kind, found)
    try:
        with transaction.atomic():
            keep(
                case, event_kinds.CASE_PART, kind, actor=actor,
                data={"part": kind, "step": "added" if found else "removed"},
            )  # fmt: skip
    except IntegrityError:
        raise Conflict("case_there", _("A case of this introduction is open.")) from None
    return case


@transaction.atomic
def write_note(*, actor: Actor, case_id: int, body: str) -> CaseNote:
    """An internal note; in every state. No client ever reads it."""
    case = locked_for(actor, case_id, "")
    note = CaseNote(case=case, author_id=actor.user_id, body=_text("body", body))
    try:
        note.clean_fields()
    except ValidationError as error:
        raise invalid_from(error) from None
    note.save()
    keep(case, event_kinds.CASE_NOTED, actor=actor)
    return note


def _room_for(actor: Actor, case_id: int, kind: str) -> Case:
    case = locked_for(actor, case_id)
    if PARTS[kind].objects.filter(case=case).count() >= MOST_PARTS:
        raise Conflict("too_many", _("A case holds at most 100 of each."))
    return case


def _text(name: str, text: str) -> str:
    try:
        found = clean_text(text)
    except ValidationError as error:
        raise field_error(name, error.messages[0]) from None
    if not found:
        raise field_error(name, _("This is needed."), code="required")
    return found


def _added(case: Case, actor: Actor, kind: str, row: Part) -> Part:
    try:
        row.clean_fields()
        row.validate_constraints()
    except ValidationError as error:
        raise invalid_from(error) from None
    row.save()
    changed_part(case, actor, kind, "added")
    return row
