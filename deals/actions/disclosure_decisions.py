"""What an institution does with a disclosure: take it up as a case, return it, decline it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import disclosure_states as states
from deals import event_kinds, notices
from deals.actions.cases import open_case
from deals.actions.disclosures import locked_disclosure, touched
from deals.models import Case, Disclosure, DisclosureReason
from deals.models.disclosures import MAX_SHORT
from deals.queries.disclosures import works_there
from events.actions import notify
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Refused, field_error

PIPELINE = "otl"  # the steps of a technology licensing office, which begin with a disclosure


@transaction.atomic
def accept_disclosure(
    *, actor: Actor, disclosure_id: int, responsible: int | None = None,
    expected_version: int | None = None,
) -> Case:  # fmt: skip
    """Open a case of it, with the next docket number and a responsible person (a user's id; the
    actor unless named). Its title is copied, its text stays in the disclosure."""
    disclosure = _locked(actor, disclosure_id, "accept", expected_version)
    facts: dict[str, Any] = {
        "title": pick(disclosure, "title", actor.language).value, "pipeline": PIPELINE,
        "responsible": responsible,
    }  # fmt: skip
    case, _new = open_case(
        actor=actor, organisation_id=disclosure.institution_id, facts=facts, disclosure=disclosure
    )
    disclosure.case = case
    _decided(disclosure, actor, "accept", event_kinds.DISCLOSURE_ACCEPTED, "case")
    return case


@transaction.atomic
def return_disclosure(
    *, actor: Actor, disclosure_id: int, remarks: str, expected_version: int | None = None
) -> Disclosure:
    """Give it back to its author with remarks; changed, it is signed anew."""
    disclosure = _locked(actor, disclosure_id, "return", expected_version)
    disclosure.remarks = _words(remarks, needed=True)
    _decided(disclosure, actor, "return", event_kinds.DISCLOSURE_RETURNED)
    return disclosure


@transaction.atomic
def decline_disclosure(
    *, actor: Actor, disclosure_id: int, reason: str, remarks: str = "",
    expected_version: int | None = None,
) -> Disclosure:  # fmt: skip
    """Not take it up, with a reason and, if wished, remarks; the author reads both."""
    if reason not in DisclosureReason.values:
        raise field_error("reason", _("Choose a reason."), code="unknown_code")
    disclosure = _locked(actor, disclosure_id, "decline", expected_version)
    disclosure.reason, disclosure.remarks = reason, _words(remarks, needed=False)
    _decided(disclosure, actor, "decline", event_kinds.DISCLOSURE_DECLINED, reason=reason)
    return disclosure


def _locked(
    actor: Actor, disclosure_id: int, move: str, expected_version: int | None
) -> Disclosure:
    found = locked_disclosure(actor, disclosure_id, move, expected_version)
    if not works_there(actor, found):
        raise Refused("not_the_institution", _("Only the institution it went to decides on it."))
    return found


def _words(text: str, *, needed: bool) -> str:
    text = text.strip()
    if needed and not text:
        raise field_error("remarks", _("Say what is to be changed."), code="required")
    if len(text) > MAX_SHORT:
        raise field_error("remarks", _("At most 2,000 characters."), code="too_long")
    try:
        return clean_text(text)
    except ValidationError as error:
        raise field_error("remarks", error.messages[0]) from None


def _decided(
    disclosure: Disclosure, actor: Actor, move: str, kind: str, *names: str, **data: Any
) -> None:
    before = disclosure.state
    disclosure.state = states.TRANSITIONS.target(move, before)
    disclosure.decided_at, disclosure.decided_by_id = timezone.now(), actor.user_id
    touched(
        disclosure, kind, actor, "state", "remarks", "reason", "decided_at", "decided_by", *names,
        before=before, **data,
    )  # fmt: skip
    if disclosure.author_id:
        notify(
            [disclosure.author_id], notices.DISCLOSURE_DECIDED, url=disclosure.get_absolute_url(),
            key=f"{disclosure.public_id}-{disclosure.version}",
        )  # fmt: skip
