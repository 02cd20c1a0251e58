"""Offering a case to an alliance, claiming it, giving it to a member or taking it off the board."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AllianceMember, Membership
from deals import event_kinds, notices
from deals import referral_states as states
from deals.actions.agreements import HUNDRED, SPLIT, agree, checked_split
from deals.actions.case_access import locked_for
from deals.actions.case_endings import close_case
from deals.actions.cases import refuse_who_may_not_take
from deals.actions.referral_access import (
    keep,
    locked,
    member_locked,
    name_of,
    tell,
)
from deals.actions.referral_cases import open_carried
from deals.models import (
    CaseOutcome,
    CaseReason,
    Referral,
    ReferralChoice,
    ReferralClaim,
    ReferralMode,
    ReferralSeeks,
)
from deals.models.cases import MAX_NOTE, MAX_TITLE
from deals.queries.referrals import PUBLISHER, alliances_of, claimants_of, shared_by, side_of
from deals.rules import CASE_ROLES, MOST_REFERRALS
from events.actions import notify, record
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, field_error

LONGEST = 366  # days until which a referral may be claimed
Claim = ReferralClaim.State


@transaction.atomic
def publish_referral(
    *, actor: Actor, case_id: int, alliance: str, facts: Mapping[str, Any]
) -> Referral:
    """Offer a case of the actor's institution to an alliance that the institution belongs to.

    facts: title, words, seeks, mode, choice, referring_percent, closing_percent, claim_by,
    report_days, and listing, a public id or "". Raises NotFound for a case that the actor does not
    see, Invalid for a faulty field, Conflict for a case that is closed or with an alliance already.
    """
    case = locked_for(actor, case_id)
    found = alliances_of(actor).filter(public_id=alliance).first() if alliance else None
    if found is None:
        raise field_error("alliance", _("Choose an alliance of your institution."), code="unknown")
    try:
        member_locked(found.pk, case.organisation_id)
    except Conflict as error:
        raise field_error("alliance", error.message, code="not_a_member") from None
    if shared_by(case) is not None:
        raise Conflict(
            "fee_is_shared",
            _("The fee of this case is shared with another institution already. Open a case of its "
              "own for what you want to refer."),
        )  # fmt: skip
    standing = Referral.objects.filter(
        publisher=case.organisation_id, state__in=sorted(states.ON_THE_BOARD)
    )
    if standing.count() >= MOST_REFERRALS:
        raise Conflict("too_many", _("Your institution has 200 referrals. End some first."))
    referral = Referral(
        alliance=found, publisher_id=case.organisation_id, case=case,
        published_by_id=actor.user_id, **_checked(facts, actor),
    )  # fmt: skip
    try:
        with transaction.atomic():
            referral.save()
    except IntegrityError:
        raise Conflict(
            "referral_there", _("This case is with an alliance already. Withdraw it there first.")
        ) from None
    record(
        event_kinds.REFERRAL_PUBLISHED, actor=actor, obj=referral,
        organisation_ids=[referral.publisher_id],
        after={"state": referral.state}, data={"alliance": found.public_id},
    )  # fmt: skip
    notify(
        _members_people(referral), notices.REFERRAL_PUBLISHED, url=referral.get_absolute_url(),
        params={"title": referral.title}, key=f"published-{referral.public_id}",
    )  # fmt: skip
    return referral


@transaction.atomic
def claim_referral(
    *, actor: Actor, referral_id: int, organisation_id: int | None = None, words: str = "",
    accepts_split: bool = False, expected_version: int | None = None,
) -> ReferralClaim:  # fmt: skip
    """Claim a referral for an institution of the actor, accepting its split.

    Raises Conflict when another was quicker, the day has gone by or the institution claims it
    already; Refused for whoever has no other institution in the alliance.
    """
    referral = locked(actor, referral_id, "apply", expected_version=expected_version)
    mine = claimants_of(actor, referral)
    if organisation_id is not None:
        mine = mine.filter(pk=organisation_id)
    institution = mine.first()
    if institution is None:
        raise Refused(
            "cannot_claim", _("Brokers of the alliance’s other institutions may claim it.")
        )
    refuse_who_may_not_take(actor, institution.pk)
    if referral.claim_by < timezone.localdate():
        raise Conflict("too_late", _("The day for claims has gone by."))
    if not accepts_split:
        raise field_error(
            "accepts_split", _("Accept the split of the fee, or do not claim it."), code="required"
        )
    member_locked(referral.alliance_id, institution.pk)
    claim = ReferralClaim(
        referral=referral, organisation=institution, claimed_by_id=actor.user_id,
        name=name_of(actor), words=words_of("words", words, 1000, missing=""),
    )  # fmt: skip
    try:
        with transaction.atomic():
            claim.save()
    except IntegrityError:
        raise Conflict("claimed_already", _("Your institution has claimed it already.")) from None
    names = []
    if referral.choice == ReferralChoice.FIRST:
        referral.state = states.TRANSITIONS.target("claim", referral.state)
        referral.carrier = institution
        names = ["state", "carrier"]
    keep(referral, event_kinds.REFERRAL_CLAIMED, *names, actor=actor, claim=claim.public_id)
    tell(referral, notices.REFERRAL_CLAIMED, referral.publisher_id, actor)
    return claim


@transaction.atomic
def release_claim(*, actor: Actor, referral_id: int, claim: str) -> Referral:
    """The publisher declines a claim, or the claimant withdraws it; who came first makes room.

    Raises NotFound for a claim that waits no longer or is not shown to the actor.
    """
    referral, row = _waiting(actor, referral_id, claim)
    is_publisher = side_of(referral, actor) == PUBLISHER
    if not is_publisher and not actor.can(row.organisation_id, *CASE_ROLES):
        raise NotFound
    row.state = Claim.DECLINED if is_publisher else Claim.WITHDRAWN
    row.save(update_fields=["state"])
    if referral.state == states.CLAIMED:
        referral.state = states.TRANSITIONS.target("release", referral.state)
        referral.carrier = None
    keep(
        referral, event_kinds.REFERRAL_RELEASED, "state", "carrier", actor=actor,
        claim=row.public_id, step=row.state,
    )  # fmt: skip
    other = row.organisation_id if is_publisher else referral.publisher_id
    tell(referral, notices.REFERRAL_CHANGED, other, actor)
    return referral


@transaction.atomic
def confirm_claim(
    *, actor: Actor, referral_id: int, claim: str, expected_version: int | None = None
) -> Referral:
    """Give the case to a claimant: it gets a case of its own with clients, contacts and listings;
    notes, tasks and values stay. The split becomes an agreement that both accepted.

    A case that is handed over is closed here as given to another institution. Raises Conflict when
    the case is closed meanwhile or the claimant left the alliance.
    """
    referral, row = _waiting(actor, referral_id, claim, expected_version)
    if side_of(referral, actor) != PUBLISHER:
        raise Refused(
            "not_a_party",
            _("Only people of the institution that refers it, who read its case, may do this."),
        )
    if row.claimed_by_id == actor.user_id:
        raise Refused(
            "second_person",
            _("You claimed it yourself. Somebody else of your institution confirms."),
        )
    case = locked_for(actor, referral.case_id)
    try:
        member_locked(referral.alliance_id, row.organisation_id)
    except Conflict:
        raise Conflict(
            "not_a_member",
            _("The claimant has left the alliance or is not verified any more. Decline its claim."),
        ) from None
    referral.state = states.TRANSITIONS.target("confirm", referral.state)
    referral.carrier_id = row.organisation_id
    referral.report_by = timezone.localdate() + dt.timedelta(days=referral.report_days)
    referral.carried_case = open_carried(referral, case, row, actor)
    row.state = Claim.CHOSEN
    row.save(update_fields=["state"])
    others = list(referral.claims.filter(state=Claim.WAITING))
    referral.claims.filter(state=Claim.WAITING).update(state=Claim.DECLINED)
    agree(referral, row, actor)
    keep(
        referral, event_kinds.REFERRAL_CONFIRMED, "state", "carrier", "report_by", "carried_case",
        actor=actor, claim=row.public_id, mode=referral.mode,
    )  # fmt: skip
    if referral.mode == ReferralMode.HAND_OVER:
        close_case(
            actor=actor, case_id=case.pk, outcome=CaseOutcome.REFERRED.value,
            reason=CaseReason.HANDED_OVER.value,
        )  # fmt: skip
    tell(referral, notices.REFERRAL_CONFIRMED, row.organisation_id, actor)
    for other in others:
        tell(referral, notices.REFERRAL_CHANGED, other.organisation_id, actor)
    return referral


@transaction.atomic
def withdraw_referral(
    *, actor: Actor, referral_id: int, expected_version: int | None = None
) -> Referral:
    """The publisher takes it off the board before it was given to anybody."""
    referral = locked(
        actor, referral_id, "withdraw", side=(PUBLISHER,), expected_version=expected_version
    )
    referral.state = states.TRANSITIONS.target("withdraw", referral.state)
    waiting = list(referral.claims.filter(state=Claim.WAITING))
    referral.claims.filter(state=Claim.WAITING).update(state=Claim.DECLINED)
    keep(referral, event_kinds.REFERRAL_WITHDRAWN, "state", actor=actor)
    for row in waiting:
        tell(referral, notices.REFERRAL_CHANGED, row.organisation_id, actor)
    return referral


# --- Inside --------------------------------------------------------------------------------------


def _members_people(referral: Referral) -> set[int]:
    """People of the alliance's other institutions who read its board."""
    members = AllianceMember.objects.filter(
        alliance=referral.alliance_id, state=AllianceMember.State.MEMBER,
        organisation__kind="tti", organisation__verified_at__isnull=False,
    ).exclude(organisation=referral.publisher_id)  # fmt: skip
    return set(
        Membership.objects.filter(
            organisation__in=members.values("organisation"),
            roles__overlap=["owner", *CASE_ROLES],
            user__is_active=True,
        ).values_list("user_id", flat=True)
    )


def _waiting(
    actor: Actor, referral_id: int, claim: str, expected_version: int | None = None
) -> tuple[Referral, ReferralClaim]:
    referral = locked(actor, referral_id, "confirm", expected_version=expected_version)
    row = referral.claims.filter(public_id=claim, state=Claim.WAITING).first()
    if row is None:
        raise NotFound
    return referral, row


def _checked(facts: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """The fields of a referral, looked through one by one; raises Invalid."""
    wrong: dict[str, list[Any]] = {}
    found: dict[str, Any] = {}
    for name, most in (("title", MAX_TITLE), ("words", MAX_NOTE)):
        try:
            found[name] = words_of(name, str(facts.get(name) or ""), most)
        except Invalid as error:
            wrong |= error.fields
    for name, choices in (
        ("seeks", ReferralSeeks), ("mode", ReferralMode), ("choice", ReferralChoice),
    ):  # fmt: skip
        found[name] = facts.get(name)
        if found[name] not in choices.values:
            wrong[name] = [_("Choose one of the list.")]
    found |= dict(zip(SPLIT, _split(facts, wrong), strict=True))
    today = timezone.localdate()
    found["claim_by"] = day = facts.get("claim_by")
    if not isinstance(day, dt.date) or not today <= day <= today + dt.timedelta(days=LONGEST):
        wrong["claim_by"] = [_("Choose a day from today on, within a year.")]
    found["report_days"] = days = facts.get("report_days")
    if not isinstance(days, int) or not 1 <= days <= 180:
        wrong["report_days"] = [_("Give 1 to 180 days.")]
    found["listing"] = None
    if listing := str(facts.get("listing") or ""):
        seen = listings_visible_to(actor).filter(revision_of__isnull=True, state="published")
        found["listing"] = seen.filter(public_id=listing.replace("\x00", "")).first()
        if found["listing"] is None:
            wrong["listing"] = [_("There is no such listing, or it is not open to you.")]
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    return found


def _split(facts: Mapping[str, Any], wrong: dict[str, list[Any]]) -> tuple[Decimal, Decimal]:
    try:
        return checked_split(facts.get(SPLIT[0]), facts.get(SPLIT[1]))
    except Invalid as error:
        wrong |= error.fields
        return HUNDRED, Decimal(0)
