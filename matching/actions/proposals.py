"""A broker proposes a pair that the matcher did not find, or ranked too low."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from events.actions import notify, record
from listings import states
from listings.actions.access import people_of
from listings.actions.lifecycle import title_params
from listings.models import Listing
from marketplace.core.actor import Actor
from marketplace.core.cleaning import clean_text
from marketplace.core.errors import Conflict, Throttled, field_error
from matching import event_kinds, notices
from matching.actions.mandates import names
from matching.models import Match, Origin, Proposal, Side
from matching.models.proposals import MAX_NOTE
from matching.pairing import Held, Named, hold, named
from matching.queries.sides import listing_of, may_know

A_DAY = 50  # proposals of one institution


def propose(
    *, actor: Actor, need_id: int, technology_id: int, note: str = "",
    institution_id: int | None = None,
) -> Match:  # fmt: skip
    """Put a pair into the inboxes of both sides, scored by the matcher, with who proposed it.

    note: plain text that both sides read. institution_id: for which of the actor's institutions,
    the first one unless named. It stays however low it scores.
    Raises what matching.pairing.named raises; Conflict `already_there`, `same_owner`,
    `not_published`, `not_open_to_both`, `own_listing`, `stale_version` or `not_read_yet`;
    Throttled `too_many_proposals`; Invalid on `note` and `institution`.
    """
    note = _checked_note(note)
    pair = named(actor, need_id, technology_id)
    _refuse_unless_possible(pair)
    institution = _institution(pair, institution_id)
    held = hold(pair.need, pair.technology)
    if held is None:
        raise Conflict(
            "not_read_yet",
            _("One of the two has just been published and is still being read. "
              "Try again in a minute."),
        )  # fmt: skip
    return _store(actor, pair, held, institution, note)


def _checked_note(note: str) -> str:
    try:
        note = clean_text(note)
    except ValidationError as error:
        raise field_error("note", error.messages[0], code="control_characters") from error
    if len(note) > MAX_NOTE:
        raise field_error("note", _("At most 1,000 characters."), code="too_long")
    return note


def _institution(pair: Named, wanted: int | None) -> int:
    if wanted is not None and wanted not in pair.institutions:
        raise field_error("institution", _("You are no broker there."), code="unknown_code")
    owners = {pair.need.owner_id, pair.technology.owner_id}
    free = pair.institutions - owners
    if not free or wanted in owners:
        raise Conflict(
            "own_listing",
            _("One of the two listings is your institution’s own. Answer the match for it."),
        )
    return wanted or min(free)


def _refuse_unless_possible(pair: Named) -> None:
    if pair.match is not None:
        raise _already_there()
    if pair.need.owner_id == pair.technology.owner_id:
        raise Conflict("same_owner", _("Both listings belong to the same organisation."))
    if not pair.are_published:
        raise Conflict("not_published", _("Only published listings are proposed."))
    row = Match(need=pair.need, technology=pair.technology)
    if not all(may_know(row, side) for side in Side.values):
        raise Conflict(
            "not_open_to_both",
            _("One side may not see the other’s listing: it is for members of verified "
              "organisations."),
        )  # fmt: skip


def _already_there() -> Conflict:
    return Conflict("already_there", _("This pair is there already. Look at it on the desk."))


@transaction.atomic
def _store(actor: Actor, pair: Named, held: Held, institution_id: int, note: str) -> Match:
    # One proposal of an institution at a time, so that the limit of a day holds.
    institution = Organisation.objects.select_for_update(of=("self",), no_key=True).get(
        pk=institution_id
    )
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    made = Proposal.objects.filter(institution=institution, created_at__gte=today)
    if made.count() >= A_DAY:
        raise Throttled(
            "too_many_proposals",
            _("Your institution has proposed %(limit)s pairs today. Go on tomorrow.")
            % {"limit": A_DAY},
        )
    still = Listing.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=[pair.need.pk, pair.technology.pk], state=states.PUBLISHED
    )
    versions = {row.pk: row.version for row in still.order_by("pk")}
    if len(versions) < len(Side.values):
        raise Conflict("not_published", _("Only published listings are proposed."))
    # What was weighed, and what both may see of it, is of the version that was read.
    if versions != {row.pk: row.version for row in (pair.need, pair.technology)}:
        raise Conflict(
            "stale_version",
            _("One of the two listings has changed meanwhile. Look at it again, then propose."),
        )
    match = held.row
    match.origin = Origin.BROKER
    try:
        with transaction.atomic():
            match.save(force_insert=True)
    except IntegrityError:  # the matcher or another broker at the same moment
        raise _already_there() from None
    Proposal.objects.create(
        match=match, institution=institution, proposed_by_id=actor.user_id, note=note
    )
    record(
        event_kinds.PROPOSED, actor=actor, obj=match,
        organisation_ids=[match.need_owner_id, match.technology_owner_id, institution.pk],
        data={
            "need": pair.need.public_id, "technology": pair.technology.public_id,
            "institution": institution.public_id,
        },
    )  # fmt: skip
    for side in Side.values:
        own = listing_of(match, side)
        notify(
            people_of(own), notices.PROPOSED, url=f"/matches/{match.public_id}/",
            params={**title_params(own), **names(institution, "institution")},
            key=f"{match.pk}-{side}",
        )  # fmt: skip
    return match
