"""Schemes of distribution of an organisation's own: written, approved by a second person, then kept
as they are. A change is another edition, which holds from its day on."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from deals import event_kinds, notices
from deals.actions.scheme_document import document_of
from deals.models import IncomeAccount, OwnScheme
from deals.queries.own_schemes import editions_of, may_approve, runs_of, visible_to
from deals.rules import PARTY_ROLES
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, Refused, Stale, field_error
from marketplace.core.gates import lock
from marketplace.core.public_id import new_public_id

EARLIEST, LATEST = dt.date(1980, 1, 1), dt.date(2200, 1, 1)
MOST_SCHEMES = 200  # of an organisation, with all their versions


@transaction.atomic
def write_scheme(
    *, actor: Actor, organisation_id: int, facts: Mapping[str, Any], of: int | None = None
) -> OwnScheme:
    """Draft a scheme, or with `of` (the key of one that is approved) the next version of it.

    facts: valid_from (a date) and those of deals.actions.scheme_document. The same written twice by
    the same person is one draft. Raises NotFound for outsiders, Invalid, Conflict where a draft of
    the scheme waits.
    """
    if not actor.can(organisation_id, *PARTY_ROLES):
        raise NotFound
    house = lock(Organisation.objects.all(), organisation_id)  # one after the other: numbers
    document, day = document_of(facts), _day(facts.get("valid_from"))
    mine = OwnScheme.objects.filter(organisation=house)
    former = None
    if of is not None:
        former = mine.filter(pk=of, state=OwnScheme.State.APPROVED).first()
        if former is None:
            raise NotFound
    twins = mine.filter(family=former.family) if former else mine.filter(edition=1)
    twin = twins.filter(
        state="draft", document=document, valid_from=day, made_by_id=actor.user_id
    ).first()  # fmt: skip
    if twin is not None:
        return twin
    if mine.count() >= MOST_SCHEMES:
        raise Conflict("too_many_schemes", _("There are 200 schemes. Discard drafts first."))
    row = OwnScheme(
        organisation=house, edition=1, document=document, valid_from=day, made_by_id=actor.user_id
    )
    row.family = row.public_id = new_public_id()
    if former is not None:
        row.family, row.public_id = former.family, new_public_id()
        row.edition = editions_of(former.family).count() + 1
        _refuse_earlier(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict(
            "draft_waits", _("A draft of this scheme waits already. Approve or discard it first.")
        ) from None
    _record(event_kinds.OWN_SCHEME_WRITTEN, actor, row)
    _tell_owners(row, actor)
    return row


@transaction.atomic
def change_scheme(
    *, actor: Actor, scheme_id: int, facts: Mapping[str, Any], expected_version: int | None = None
) -> OwnScheme:
    """Write a draft anew; whoever ever did so wrote it, and cannot approve it. What is saved
    unchanged was written by nobody. Raises as write_scheme, and Stale."""
    row = _locked(actor, scheme_id, expected_version)
    document, day = document_of(facts), _day(facts.get("valid_from"))
    if (row.document, row.valid_from) == (document, day):
        return row
    row.document, row.valid_from, row.made_by_id = document, day, actor.user_id
    if row.edition > 1:
        _refuse_earlier(row)
    row.version += 1
    row.save(update_fields=["document", "valid_from", "made_by", "version", "updated_at"])
    _record(event_kinds.OWN_SCHEME_CHANGED, actor, row)
    return row


@transaction.atomic
def discard_scheme(*, actor: Actor, scheme_id: int, expected_version: int | None = None) -> None:
    """Give a draft up. Raises Conflict for an approved one, Stale."""
    row = _locked(actor, scheme_id, expected_version)
    _record(event_kinds.OWN_SCHEME_DISCARDED, actor, row)
    row.delete()


@transaction.atomic
def approve_scheme(
    *, actor: Actor, scheme_id: int, expected_version: int | None = None
) -> OwnScheme:
    """From now on accounts can choose it, and nobody changes it. Raises Refused to whoever is no
    owner or ever wrote at it, Conflict where it is approved, Invalid where runs reach into its
    days, Stale."""
    row = _locked(actor, scheme_id, expected_version)
    if not may_approve(row, actor):
        raise Refused(
            "second_person",
            _("A scheme is approved by an owner of the organisation who did not write it."),
        )
    if row.edition > 1:
        _hold_accounts(row)
        _refuse_earlier(row)
    row.state = OwnScheme.State.APPROVED
    row.approved_by_id, row.approved_at = actor.user_id, timezone.now()
    row.version += 1
    row.save(update_fields=["state", "approved_by", "approved_at", "version", "updated_at"])
    _record(event_kinds.OWN_SCHEME_APPROVED, actor, row)
    return row


# --- Pieces --------------------------------------------------------------------------------------


def _locked(actor: Actor, scheme_id: int, expected_version: int | None) -> OwnScheme:
    """A draft, locked. Raises NotFound for outsiders, Stale, Conflict once it is approved."""
    if not visible_to(actor).filter(pk=scheme_id).exists():
        raise NotFound
    row = lock(OwnScheme.objects.all(), scheme_id)
    if not row.is_draft:
        raise Conflict(
            "scheme_approved", _("It is approved and stays as it is. Write another version of it.")
        )
    if expected_version is not None and expected_version != row.version:
        raise Stale(
            "stale_version", _("It has changed since you opened it. Reload it, then try again.")
        )
    return row


def _day(value: Any) -> dt.date:
    if not isinstance(value, dt.date) or not EARLIEST <= value <= LATEST:
        raise field_error("valid_from", _("Give the day from which it holds."), code="out_of_range")
    return value


def _refuse_earlier(row: OwnScheme) -> None:
    last = editions_of(row.family).first()
    if last is not None and row.valid_from <= last.valid_from:
        raise field_error(
            "valid_from",
            _("The version before holds from %(day)s. Choose a later day.")
            % {"day": last.valid_from.isoformat()},
            code="too_early",
        )
    run = runs_of(row).order_by("-up_to").first()
    if run is not None and row.valid_from <= run.up_to:
        raise field_error(
            "valid_from",
            _("What came in up to %(day)s is distributed by the version before. Choose a later "
              "day, or reverse those runs first.") % {"day": run.up_to.isoformat()},
            code="too_early",
        )  # fmt: skip


def _hold_accounts(row: OwnScheme) -> None:
    """No run by the version before is approved meanwhile: that waits for its account."""
    accounts = IncomeAccount.objects.filter(
        organisation=row.organisation_id, scheme=row.family_code
    )
    list(accounts.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def _record(kind: str, actor: Actor, row: OwnScheme) -> None:
    record(
        kind, actor=actor, obj=row, organisation_ids=[row.organisation_id],
        data={"scheme": row.code, "version": row.version},
    )  # fmt: skip


def _tell_owners(row: OwnScheme, actor: Actor) -> None:
    """Owners who may approve it."""
    owners = Membership.objects.filter(
        organisation=row.organisation_id, roles__contains=["owner"], user__is_active=True
    ).values_list("user_id", flat=True)  # fmt: skip
    notify(
        set(owners) - {actor.user_id}, notices.SCHEME_WAITS, url=row.get_absolute_url(),
        params={"title_en": row.name_en, "title_zh": row.name_zh}, key=f"scheme-{row.public_id}",
    )  # fmt: skip
