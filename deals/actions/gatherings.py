"""Writing a gathering, publishing it, calling it off, closing it as held."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals import event_kinds, notices
from deals import gathering_states as states
from deals.actions.gathering_access import keep, locked, note, tell
from deals.actions.gathering_places import move_up
from deals.actions.sale_access import ODD_MOMENT, YEARS
from deals.models import Gathering, GatheringKind, PlaceState
from deals.models.cases import MAX_TITLE
from deals.models.gatherings import MAX_PLACE, MAX_REASON, MAX_WORDS
from deals.queries.cases import own_institutions
from deals.queries.gatherings import alliances_for, is_member
from deals.rules import FARTHEST_GATHERING, LONGEST_GATHERING, MOST_DRAFTS_OF_GATHERINGS
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.errors import Conflict, Invalid, Message, Refused, field_error
from marketplace.core.forms import invalid_from
from marketplace.core.gates import lock

_TEXTS = {
    "title_en": MAX_TITLE, "title_zh": MAX_TITLE, "words_en": MAX_WORDS, "words_zh": MAX_WORDS,
    "place": MAX_PLACE, "online": MAX_PLACE,
}  # fmt: skip
_PLAIN = ("kind", "starts_at", "ends_at", "register_until", "region", "capacity", "hours")
WRITABLE = (*_TEXTS, *_PLAIN, "alliance")
# what those with a place are told of when it changes
_TOLD = ("starts_at", "ends_at", "place", "online")
Faults = dict[str, list[Message]]


@transaction.atomic
def write_gathering(*, actor: Actor, facts: Mapping[str, Any], institution: str = "") -> Gathering:
    """A draft of the actor's institution (a public id, needed where there are several).

    facts: names of WRITABLE; alliance: public id of one of the institution's, empty for everybody;
    register_until: the start, where it is not given; hours: of a training. Raises Refused without
    a verified institution, Invalid with every faulty field, Conflict with too many drafts.
    """
    ours = own_institutions(actor)
    chosen = list((ours.filter(public_id=institution) if institution else ours)[:2])
    if not chosen:
        raise Refused(
            "no_institution",
            _("Gatherings are held by verified technology transfer institutions: their owners, "
              "editors and brokers write them."),
        )  # fmt: skip
    if len(chosen) > 1:
        raise field_error("institution", _("Choose which institution holds it."))
    row = Gathering(institution=chosen[0], author_id=actor.user_id)
    _apply(row, actor, facts)
    lock(Organisation.objects.all(), row.institution_id)  # under which its drafts are counted
    drafts = Gathering.objects.filter(institution=row.institution, state=states.DRAFT)
    if drafts.count() >= MOST_DRAFTS_OF_GATHERINGS:
        raise Conflict("too_many", _("There are too many drafts. Discard some first."))
    row.save()
    note(row, event_kinds.GATHERING_DRAFTED, actor=actor)
    return row


@transaction.atomic
def change_gathering(
    *, actor: Actor, gathering_id: int, facts: Mapping[str, Any],
    expected_version: int | None = None,
) -> Gathering:  # fmt: skip
    """Change what facts name, of a draft or until its end.

    Once published, its kind and for whom it is stay, and the capacity is never below the places
    taken; whoever has a place is told of another time or place, and the waiting list moves up.
    """
    row = locked(actor, gathering_id, "write", expected_version=expected_version)
    kept = (*_TOLD, "register_until", "kind", "alliance_id")
    before = {name: getattr(row, name) for name in kept}
    _apply(row, actor, facts, before=before)
    names = [name for name in (*_TEXTS, *_PLAIN) if name in facts or name == "register_until"]
    keep(row, event_kinds.GATHERING_CHANGED, *names, "alliance", actor=actor)
    if row.state == states.PUBLISHED:
        if any(before[name] != getattr(row, name) for name in _TOLD):
            tell(row, notices.GATHERING_CHANGED, key=f"changed-{row.version}", has_waiting=True)
        move_up(row, actor=actor)
    return row


@transaction.atomic
def discard_gathering(
    *, actor: Actor, gathering_id: int, expected_version: int | None = None
) -> None:
    """Delete a draft."""
    row = locked(actor, gathering_id, "discard", expected_version=expected_version)
    note(row, event_kinds.GATHERING_DISCARDED, actor=actor)
    row.delete()


@transaction.atomic
def publish_gathering(
    *, actor: Actor, gathering_id: int, expected_version: int | None = None
) -> Gathering:
    """Show it to everybody, or to its alliance. Raises Refused while the institution is not
    verified, Invalid when its times lie behind by now."""
    row = locked(actor, gathering_id, "publish", expected_version=expected_version)
    if not actor.is_system and not own_institutions(actor).filter(pk=row.institution_id).exists():
        raise Refused(
            "not_verified", _("Have the institution verified first; then it may publish.")
        )
    faults: Faults = {}
    _check_times(row, faults, is_new=True)
    if row.alliance is not None and not is_member(row.alliance, row.institution_id):
        faults["alliance"] = [_("The institution is no longer a member of this alliance.")]
    if faults:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=faults)
    row.state = states.TRANSITIONS.target("publish", row.state)
    keep(row, event_kinds.GATHERING_PUBLISHED, "state", actor=actor)
    return row


@transaction.atomic
def cancel_gathering(
    *, actor: Actor, gathering_id: int, reason: str, expected_version: int | None = None
) -> Gathering:
    """Call it off. Whoever has a place or waits is told, with the reason, which everybody reads
    who may see the gathering. Refused once somebody was marked as having attended."""
    row = locked(actor, gathering_id, "cancel", expected_version=expected_version)
    if row.places.filter(attended=True).exists():
        raise Conflict(
            "attended", _("People are marked as having attended, so it has taken place.")
        )
    row.reason = words_of("reason", reason, MAX_REASON)
    row.state = states.TRANSITIONS.target("cancel", row.state)
    keep(row, event_kinds.GATHERING_CANCELLED, "state", "reason", actor=actor)
    tell(row, notices.GATHERING_CANCELLED, key="cancelled", has_waiting=True, reason=row.reason)
    return row


@transaction.atomic
def hold_gathering(
    *, actor: Actor, gathering_id: int, expected_version: int | None = None
) -> Gathering:
    """Close it as held, after its end: it counts from now on, and so do hours of a training for
    those marked as having attended. Marks may still be corrected."""
    row = locked(actor, gathering_id, "hold", expected_version=expected_version)
    row.state = states.TRANSITIONS.target("hold", row.state)
    keep(row, event_kinds.GATHERING_HELD, "state", actor=actor)
    return row


# --- Pieces --------------------------------------------------------------------------------------


def _apply(
    row: Gathering, actor: Actor, facts: Mapping[str, Any], *,
    before: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Set what facts name. before: what stood there, of one that is changed."""
    if unknown := set(facts) - set(WRITABLE):
        raise TypeError(f"no facts of a gathering: {sorted(unknown)}")
    faults: Faults = {}
    for name, most in _TEXTS.items():
        if name in facts:
            try:
                setattr(row, name, words_of(name, str(facts[name] or ""), most, missing=""))
            except Invalid as error:
                faults.update(error.fields)
    for name in _PLAIN:
        if name in facts:
            value = facts[name]
            setattr(row, name, "" if value is None and name in ("kind", "region") else value)
    if "alliance" in facts:
        _set_alliance(row, actor, str(facts["alliance"] or ""), faults)
    follows = bool(before) and before["register_until"] == before["starts_at"]  # type: ignore[index]
    if row.register_until is None or (follows and "register_until" not in facts):
        row.register_until = row.starts_at
    if not row.title_en and not row.title_zh:
        faults.setdefault("title_zh", [_("Give the title in English or Chinese.")])
    if not row.place and not row.online:
        faults.setdefault("place", [_("Say where it is held, or how to join online.")])
    if row.hours is not None and row.kind != GatheringKind.TRAINING:
        faults["hours"] = [_("Only trainings have hours of continuing education.")]
    moved = before is not None and (
        (before["starts_at"], before["ends_at"]) != (row.starts_at, row.ends_at)
    )
    _check_times(row, faults, is_new=row.pk is None, was=before if moved else None)
    if before is not None and row.state == states.PUBLISHED:
        _check_published(row, before, faults)
    try:
        row.clean_fields(exclude=["institution", "author", "alliance", *faults])
    except ValidationError as error:
        faults.update(invalid_from(error).fields)
    if faults:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=faults)


def _check_times(
    row: Gathering, faults: Faults, *, is_new: bool, was: Mapping[str, Any] | None = None
) -> None:
    """is_new: drafted or published just now. was: what stood there, of one that is moved; its start
    may stay behind once it has begun."""
    now = timezone.now()
    times = {name: getattr(row, name) for name in ("starts_at", "ends_at", "register_until")}
    for name, value in times.items():
        if not isinstance(value, dt.datetime):
            faults.setdefault(name, [_("Give the day and the time.")])
        elif value.year not in YEARS:
            faults.setdefault(name, [ODD_MOMENT])
    if set(times) & set(faults):
        return
    far = now + dt.timedelta(days=FARTHEST_GATHERING)
    is_moved = was is not None and was["starts_at"] != row.starts_at
    has_begun = row.state == states.PUBLISHED and was is not None and was["starts_at"] <= now
    if is_moved and has_begun:
        faults["starts_at"] = [_("It has begun; its start stays as it is.")]
    elif (is_new or is_moved) and row.starts_at <= now:
        faults["starts_at"] = [_("Choose a start that lies ahead.")]
    elif row.starts_at > far:
        faults["starts_at"] = [_("Choose a start within the next two years.")]
    if row.ends_at <= row.starts_at:
        faults["ends_at"] = [_("The end must be after the start.")]
    elif row.ends_at - row.starts_at > dt.timedelta(days=LONGEST_GATHERING):
        faults["ends_at"] = [
            _("At most %(days)s days from the start to the end.") % {"days": LONGEST_GATHERING}
        ]
    elif was is not None and row.ends_at <= now:
        faults["ends_at"] = [_("Choose an end that lies ahead.")]
    if row.register_until > row.ends_at:
        faults["register_until"] = [_("Registration must close before the end.")]
    elif is_new and row.register_until <= now:
        faults["register_until"] = [_("By then registration would be closed already.")]


def _check_published(row: Gathering, before: Mapping[str, Any], faults: Faults) -> None:
    if row.kind != before["kind"]:
        faults["kind"] = [_("Of a published gathering the kind stays.")]
    if row.alliance_id != before["alliance_id"]:
        faults["alliance"] = [_("Of a published gathering it stays for whom it is.")]
    if row.capacity is None or "capacity" in faults:
        return
    taken = row.places.filter(state=PlaceState.REGISTERED).count()
    if row.capacity < taken:
        faults["capacity"] = [
            _("%(number)s people are registered; choose at least as many places.")
            % {"number": taken}
        ]


def _set_alliance(row: Gathering, actor: Actor, public_id: str, faults: Faults) -> None:
    if row.alliance is not None and row.alliance.public_id == public_id:
        return  # it stays, also when the institution has left the alliance
    row.alliance = None
    if not public_id:
        return
    found = next((one for one in alliances_for(actor) if one.public_id == public_id), None)
    if found is None or not is_member(found, row.institution_id):
        faults["alliance"] = [_("Choose an alliance of which the institution is a member.")]
    else:
        row.alliance = found
