"""Writing a disclosure: the draft, its inventors, and other ways by which knowledge went out."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals import disclosure_states as states
from deals import event_kinds
from deals.disclosure_content import FIELDS
from deals.models import Disclosure, DisclosureInventor, InformalTransfer
from deals.queries.disclosures import institutions_for, is_author, organisations_of, visible_to
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import (
    Conflict,
    Invalid,
    Message,
    NotFound,
    Refused,
    Stale,
    field_error,
)
from marketplace.core.formatting import number_text
from marketplace.core.forms import invalid_from
from marketplace.core.gates import lock

MAX_INVENTORS = 20
MAX_DRAFTS = 50  # of one person
MAX_INFORMAL = 1000  # of one person
INVENTOR_FACTS = ("name", "email", "affiliation", "share")


def locked_disclosure(
    actor: Actor, disclosure_id: int, move: str, expected_version: int | None = None
) -> Disclosure:
    """The row, locked until the transaction ends.

    move: one of deals.disclosure_states. Raises NotFound for outsiders, Stale for an older version,
    Conflict when the state does not allow the move.
    """
    if not visible_to(actor).filter(pk=disclosure_id).exists():
        raise NotFound
    return lock_for_move(disclosure_id, move, expected_version)


def lock_for_move(disclosure_id: int, move: str, expected_version: int | None = None) -> Disclosure:
    """The same, for who comes by a link and has been gated by it."""
    found = lock(Disclosure.objects.all(), disclosure_id)
    if expected_version is not None and expected_version != found.version:
        raise Stale(
            "stale_version",
            _("The disclosure has changed since you opened it. Look at it again, then repeat."),
        )
    if move not in states.TRANSITIONS.allowed(found.state):
        raise Conflict(
            "wrong_state",
            _("This is not possible any more: the disclosure is “%(state)s”.")
            % {"state": found.get_state_display()},
        )
    return found


def authors_own(
    actor: Actor, disclosure_id: int, move: str, expected_version: int | None = None
) -> Disclosure:
    """The locked row, for what its author alone may do; Refused for others who may read it."""
    found = locked_disclosure(actor, disclosure_id, move, expected_version)
    if not is_author(actor, found):
        raise Refused("not_the_author", _("Only the author of a disclosure may do this."))
    return found


def touched(
    disclosure: Disclosure, kind: str, actor: Actor, *names: str, before: str = "", **data: Any
) -> None:
    """Store changed fields, raise the version and write the event. data: ids and numbers alone.
    The institution learns of it once it was submitted there, nobody before."""
    disclosure.version += 1
    disclosure.save(update_fields=["version", "updated_at", *names])
    known = disclosure.state in states.AT_INSTITUTION
    record(
        kind, actor=actor, obj=disclosure,
        organisation_ids=[disclosure.institution_id] if known else [],
        before={"state": before} if before else None,
        after={"state": disclosure.state} if before else None,
        data={"version": disclosure.version, **data},
    )  # fmt: skip


@transaction.atomic
def begin_disclosure(
    *, actor: Actor, facts: Mapping[str, Any], organisation_id: int | None = None
) -> Disclosure:
    """A draft of the actor, for an organisation it is a member of (the first unless named).

    facts: those of FIELDS. Raises Refused without an organisation, Invalid for a faulty field.
    """
    mine = organisations_of(actor)
    if organisation_id is not None:
        mine = mine.filter(pk=organisation_id)
    organisation = mine.first()
    if organisation is None or actor.user_id is None:
        raise Refused(
            "no_organisation",
            _("Inventions are disclosed by members of an organisation. Join or add yours first."),
        )
    if Disclosure.objects.filter(author_id=actor.user_id, state=states.DRAFT).count() >= MAX_DRAFTS:
        raise Conflict(
            "too_many_drafts", _("You have 50 drafts. Delete one before you begin more.")
        )
    disclosure = Disclosure(organisation=organisation, author_id=actor.user_id)
    _set(disclosure, facts, actor)
    disclosure.save()
    record(event_kinds.DISCLOSURE_BEGUN, actor=actor, obj=disclosure, data={"version": 1})
    return disclosure


@transaction.atomic
def change_disclosure(
    *, actor: Actor, disclosure_id: int, facts: Mapping[str, Any],
    expected_version: int | None = None,
) -> tuple[Disclosure, int]:  # fmt: skip
    """Change what is named of FIELDS; the disclosure and how many signatures that made void."""
    disclosure = authors_own(actor, disclosure_id, "edit", expected_version)
    before = {name: getattr(disclosure, _column(name)) for name in FIELDS if name in facts}
    _set(disclosure, facts, actor)
    changed = [name for name in before if getattr(disclosure, _column(name)) != before[name]]
    if not changed and disclosure.state != states.RETURNED:
        return disclosure, 0
    return disclosure, _edited(disclosure, actor, *changed)


@transaction.atomic
def set_inventors(
    *, actor: Actor, disclosure_id: int, rows: Sequence[Mapping[str, Any]],
    expected_version: int | None = None,
) -> tuple[Disclosure, int]:  # fmt: skip
    """Replace the inventors: rows of name, email, affiliation and share, which come to 100.00.

    Returns the disclosure and how many signatures that made void. Raises Invalid: `rows.0.share`
    and so on for a row, `rows` for the sum.
    """
    disclosure = authors_own(actor, disclosure_id, "edit", expected_version)
    if not 0 < len(rows) <= MAX_INVENTORS:
        raise field_error(
            "rows", _("Name between 1 and %(most)s inventors.") % {"most": MAX_INVENTORS}
        )
    made = [
        DisclosureInventor(
            disclosure=disclosure, position=place, name=str(row.get("name") or "").strip(),
            email=str(row.get("email") or "").strip().lower(),
            affiliation=str(row.get("affiliation") or "").strip(), share=row.get("share") or "",
        )
        for place, row in enumerate(rows)
    ]  # fmt: skip
    wrong = _wrong_rows(made)
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    there = list(disclosure.inventors.all())
    if [_facts(one) for one in there] == [_facts(one) for one in made]:
        return disclosure, 0
    voided = _edited(disclosure, actor, inventors=len(made))
    disclosure.inventors.all().delete()
    DisclosureInventor.objects.bulk_create(made)
    return disclosure, voided


@transaction.atomic
def delete_disclosure(*, actor: Actor, disclosure_id: int) -> None:
    """Throw a draft away. Raises Conflict for one that an institution has had."""
    disclosure = authors_own(actor, disclosure_id, "delete")
    if disclosure.submitted_at is not None:
        raise Conflict(
            "was_submitted",
            _("It was submitted before, so it stays. Correct it and submit it again."),
        )
    record(event_kinds.DISCLOSURE_DELETED, actor=actor, obj=disclosure)
    disclosure.delete()


@transaction.atomic
def record_informal(
    *, actor: Actor, facts: Mapping[str, Any], organisation_id: int | None = None
) -> InformalTransfer:
    """facts: route, what, partner, happened_on (not after today) and institution (its id)."""
    mine = organisations_of(actor)
    if organisation_id is not None:
        mine = mine.filter(pk=organisation_id)
    organisation = mine.first()
    if organisation is None or actor.user_id is None:
        raise Refused(
            "no_organisation",
            _("Inventions are disclosed by members of an organisation. Join or add yours first."),
        )
    if InformalTransfer.objects.filter(author_id=actor.user_id).count() >= MAX_INFORMAL:
        raise Conflict("too_many", _("You have recorded 1,000 of these already."))
    institution_id = _institution(facts.get("institution"), actor)
    if institution_id is None:
        raise field_error("institution", _("Choose the institution it goes to."), code="required")
    row = InformalTransfer(
        organisation=organisation, institution_id=institution_id, author_id=actor.user_id,
        route=facts["route"],
        what=facts["what"].strip(), partner=facts["partner"].strip(),
        happened_on=facts["happened_on"],
    )  # fmt: skip
    try:
        row.clean_fields()
    except ValidationError as error:
        raise invalid_from(error) from None
    if row.happened_on > timezone.localdate():
        raise field_error("happened_on", _("This day has not come yet."), code="out_of_range")
    row.save()
    record(
        event_kinds.INFORMAL_RECORDED, actor=actor, obj=row,
        organisation_ids=[row.institution_id], data={"route": row.route},
    )  # fmt: skip
    return row


# --- Pieces ------------------------------------------------------------------------------------


def _edited(disclosure: Disclosure, actor: Actor, *names: str, **data: Any) -> int:
    """Back to a draft; whoever had signed, had signed something else: signatures and links go."""
    before = disclosure.state
    voided = disclosure.inventors.filter(signed_at__isnull=False).count()
    disclosure.inventors.update(
        signed_at=None, signed_name="", signed_digest="", link_digest="", link_expires_at=None
    )
    disclosure.state = states.TRANSITIONS.target("edit", before)
    touched(
        disclosure, event_kinds.DISCLOSURE_CHANGED, actor, "state", *names, before=before,
        fields=list(names), voided=voided, **data,
    )  # fmt: skip
    return voided


def _column(name: str) -> str:
    return "institution_id" if name == "institution" else name


def _set(disclosure: Disclosure, facts: Mapping[str, Any], actor: Actor) -> None:
    for name in FIELDS:
        if name not in facts:
            continue
        value = facts[name]
        if name == "institution":
            if value != disclosure.institution_id:
                disclosure.institution_id = _institution(value, actor)
            continue
        setattr(disclosure, name, value.strip() if isinstance(value, str) else value)
    try:
        disclosure.clean_fields(exclude=["organisation", "author", "institution", "case"])
    except ValidationError as error:
        raise invalid_from(error) from None
    today = timezone.localdate()
    if disclosure.conceived_on and disclosure.conceived_on > today:
        raise field_error("conceived_on", _("This day has not come yet."), code="out_of_range")


def _institution(pk: int | None, actor: Actor) -> int | None:
    if pk is None:
        return None
    if pk not in {one.pk for one in institutions_for(actor)}:
        raise field_error(
            "institution", _("Choose a verified technology transfer institution."), "unknown"
        )
    return pk


def _facts(row: DisclosureInventor) -> tuple[str, str, str, Decimal]:
    return (row.name, row.email, row.affiliation, Decimal(row.share))


def _wrong_rows(rows: Iterable[DisclosureInventor]) -> dict[str, list[Message]]:
    wrong: dict[str, list[Message]] = {}
    seen: set[str] = set()
    whole, parts = Decimal(0), []
    for place, row in enumerate(rows):
        try:
            row.clean_fields(exclude=["disclosure"])
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                wrong[f"rows.{place}.{name}"] = list(texts)
            continue
        if not 0 < row.share <= 100:
            wrong[f"rows.{place}.share"] = [_("A part lies above 0 and up to 100 percent.")]
            continue
        if row.email in seen:
            wrong[f"rows.{place}.email"] = [_("This inventor is named already, by this address.")]
        seen.add(row.email)
        whole += row.share
        parts.append(f"{row.name} {number_text(row.share)}%")
    if not wrong and whole != 100:
        wrong["rows"] = [
            _("The parts come to %(sum)s%%, not to 100%%: %(parts)s.")
            % {"sum": number_text(whole), "parts": "; ".join(parts)[:600]}
        ]
    return wrong
