"""What institutions do with a request for help: take it, answer it, pass it on, make more of it."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from deals import event_kinds, notices
from deals import request_states as states
from deals.actions.cases import open_case
from deals.actions.request_access import keep, locked, tell_addressed, tell_asker
from deals.models import (
    Case,
    LocatorAnswer,
    LocatorPass,
    LocatorRequest,
    LocatorSuggestion,
)
from deals.models.cases import MAX_NOTE
from deals.queries.requests import INSTITUTION, MEMBER, receivers, takers
from listings.actions.drafts import create_draft
from listings.models import Listing
from listings.models.listings import Kind
from listings.queries.visibility import published_for
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.errors import Conflict, Refused, field_error
from marketplace.core.words import language_of

MOST_SUGGESTED = 10
MOST_ANSWERS = 50


@transaction.atomic
def take_request(
    *, actor: Actor, request_id: int, institution: str = "", expected_version: int | None = None
) -> LocatorRequest:
    """Take it up for an institution of the actor (a public id, needed where several may).

    Raises Conflict when another was quicker, Refused for who may not.
    """
    row = locked(
        actor, request_id, "take", side=[INSTITUTION, MEMBER], expected_version=expected_version
    )
    found = takers(actor, row)
    if institution:
        found = found.filter(public_id=institution)
    chosen = list(found[:2])
    if not chosen:
        raise Refused("cannot_take", _("Brokers of the institutions that were asked may take it."))
    if len(chosen) > 1:
        raise field_error("institution", _("Choose for which institution you take it."))
    row.institution, row.taken_by_id = chosen[0], actor.user_id
    row.state = states.TRANSITIONS.target("take", row.state)
    keep(row, event_kinds.LOCATOR_TAKEN, "state", "institution", "taken_by", actor=actor)
    tell_asker(row, notices.LOCATOR_TAKEN, actor)
    return row


@transaction.atomic
def answer_request(
    *, actor: Actor, request_id: int, body: str, listings: Iterable[str] = (),
    expected_version: int | None = None,
) -> LocatorAnswer:  # fmt: skip
    """Answer in words, with published listings that the actor may see (public ids).

    The asker is shown each only as far as it may see it itself. Raises Invalid at `listings` for
    one that is not published or not open to the actor.
    """
    row = locked(actor, request_id, "answer", side=[INSTITUTION], expected_version=expected_version)
    words = words_of("body", body, MAX_NOTE)
    suggested = _published(actor, listings)
    if row.answers.count() >= MOST_ANSWERS:
        raise Conflict("too_many", _("This request has enough answers. Open a case to go on."))
    assert row.institution is not None  # taken, as the move asks
    answer = LocatorAnswer.objects.create(
        request=row, institution=row.institution, author_id=actor.user_id, body=words
    )
    LocatorSuggestion.objects.bulk_create(
        LocatorSuggestion(answer=answer, listing=one) for one in suggested
    )
    row.state = states.TRANSITIONS.target("answer", row.state)
    keep(row, event_kinds.LOCATOR_ANSWERED, "state", actor=actor, answer=answer.public_id)
    tell_asker(row, notices.LOCATOR_ANSWERED, actor)
    return answer


@transaction.atomic
def pass_on(
    *, actor: Actor, request_id: int, receiver: str, words: str = "",
    expected_version: int | None = None,
) -> LocatorRequest:  # fmt: skip
    """Pass it on to another institution of the alliance, which is recorded; from then on it is
    that one's. words: for the colleagues there, not shown to the asker."""
    row = locked(
        actor, request_id, "pass_on", side=[INSTITUTION], expected_version=expected_version
    )
    found = receivers(row).filter(public_id=receiver).first()
    if found is None:
        raise field_error(
            "receiver", _("Choose another institution of the alliance."), code="unknown"
        )
    assert row.institution_id is not None  # the actor's side is that institution
    LocatorPass.objects.create(
        request=row, giver_id=row.institution_id, receiver=found, person_id=actor.user_id,
        words=words_of("words", words, 1000, missing=""),
    )  # fmt: skip
    row.institution, row.taken_by = found, None
    row.state = states.TRANSITIONS.target("pass_on", row.state)
    keep(row, event_kinds.LOCATOR_PASSED, "state", "institution", "taken_by", actor=actor)
    tell_addressed(row, notices.LOCATOR_RECEIVED, actor)
    tell_asker(row, notices.LOCATOR_PASSED, actor)
    return row


@transaction.atomic
def draft_need(
    *, actor: Actor, request_id: int, expected_version: int | None = None
) -> LocatorRequest:
    """Make a draft of a need of it, which is the asker's: filled with the asker's own words, seen,
    changed and published by the asker's organisation alone. Conflict where it is there already."""
    row = locked(
        actor, request_id, "draft_need", side=[INSTITUTION], expected_version=expected_version
    )
    if row.need_id is not None:
        raise Conflict("need_there", _("The asker has a draft of this need already."))
    tongue = language_of(f"{row.title} {row.words}")
    data = {f"title_{tongue}": row.title, f"body_{tongue}": row.words}
    if row.field:
        data["field"] = row.field
    if row.region:
        data |= {"country": "CN", "region": row.region}
    # the system writes it: nobody of the institution gets a right to the asker's listings by it
    row.need = create_draft(
        actor=Actor.system(), kind=Kind.NEED.value, owner_id=row.asker_id, data=data
    )
    keep(row, event_kinds.LOCATOR_NEED, "need", actor=actor)
    tell_asker(row, notices.LOCATOR_NEED, actor)
    return row


@transaction.atomic
def open_request_case(
    *, actor: Actor, request_id: int, responsible: int | None = None,
    expected_version: int | None = None,
) -> Case:  # fmt: skip
    """Open a case of the institution for it, with the asker as client and the suggested listings.
    responsible: a user's id, the actor unless named. The asker is not told: a case is internal.
    Conflict where there is one."""
    row = locked(
        actor, request_id, "open_case", side=[INSTITUTION], expected_version=expected_version
    )
    if row.case_id is not None:
        raise Conflict("case_there", _("There is a case of this request already."))
    case, _new = open_case(
        actor=actor, organisation_id=row.institution_id, locator=row,
        facts={"title": row.title, "responsible": responsible},
    )  # fmt: skip
    row.case = case
    keep(row, event_kinds.LOCATOR_CASE, "case", actor=actor, internal=True)
    return case


def _published(actor: Actor, numbers: Iterable[str]) -> list[Listing]:
    wanted = list(dict.fromkeys(one for one in numbers if one))
    if len(wanted) > MOST_SUGGESTED:
        raise field_error("listings", _("At most %(most)s at a time.") % {"most": MOST_SUGGESTED})
    safe = [one for one in wanted if "\x00" not in one]
    found = {
        one.public_id: one
        for one in published_for(actor).filter(public_id__in=safe, revision_of__isnull=True)
    }
    missing = [one for one in wanted if one not in found]
    if missing:
        raise field_error(
            "listings",
            _("Not published, or not open to you: %(numbers)s")
            % {"numbers": ", ".join(one.replace("\x00", "")[:12] for one in missing)},
            code="unknown",
        )
    return [found[one] for one in wanted]
