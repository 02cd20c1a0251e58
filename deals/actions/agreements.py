"""How two institutions share a fee: accepted by both, replaced by a new one, never edited."""

import hashlib
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals import event_kinds, notices
from deals.actions.referral_access import keep, locked, name_of, tell
from deals.models import Referral, ReferralAgreement, ReferralClaim
from deals.queries.referrals import CARRIER, PUBLISHER, proposed, side_of
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, NotFound, field_error

SIDES = (PUBLISHER, CARRIER)
HUNDRED = Decimal(100)
SPLIT = ("referring_percent", "closing_percent")
_TEXT = """\
《转介费用分成约定》 / Agreement on sharing the fee of a referral
转介 / Referral: {referral}; 联盟 / alliance: {alliance}
转出机构 / Referring institution: {publisher} ({publisher_id})
承接机构 / Closing institution: {carrier} ({carrier_id})
合作方式 / Way of working: {mode}
每笔佣金中，转出机构得 {referring}%，承接机构得 {closing}%；分以下的余数归承接机构。
Of every fee the referring institution gets {referring} %, the closing institution {closing} %; what
rounding leaves over goes to the closing institution.
双方另立新约定并均予确认前，本约定一直有效。
It holds until both have accepted another one.
"""


def text_of(referral: Referral, carrier: Organisation, referring: Decimal, closing: Decimal) -> str:
    """What both sides accept, word by word, in both languages."""
    publisher = referral.publisher
    return _TEXT.format(
        referral=referral.public_id, alliance=referral.alliance.public_id,
        publisher=_name(publisher), publisher_id=publisher.public_id,
        carrier=_name(carrier), carrier_id=carrier.public_id, mode=referral.mode,
        referring=f"{referring:.2f}", closing=f"{closing:.2f}",
    )  # fmt: skip


def checked_split(referring: Decimal | None, closing: Decimal | None) -> tuple[Decimal, Decimal]:
    """Two parts in percent with at most two decimals that come to 100. Raises Invalid at the
    field, and on closing_percent for the sum."""
    parts = []
    for name, part in zip(SPLIT, (referring, closing), strict=True):
        if not isinstance(part, Decimal) or not part.is_finite() or not 0 <= part <= HUNDRED:
            raise field_error(name, _("Give a percentage from 0 to 100."), code="out_of_range")
        if part != part.quantize(Decimal("0.01")):
            raise field_error(name, _("At most two decimals."), code="out_of_range")
        parts.append(part)
    if sum(parts) != HUNDRED:
        raise field_error(
            "closing_percent",
            _("Both parts come to %(sum)s%%, not to 100%%.") % {"sum": f"{sum(parts):f}"},
            code="not_whole",
        )
    return parts[0], parts[1]


def digest_of(text: str) -> str:
    """SHA-256 of the text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def agree(referral: Referral, claim: ReferralClaim, actor: Actor) -> ReferralAgreement:
    """The first agreement, when a claim is confirmed: the claimant accepted by claiming."""
    text = text_of(
        referral, claim.organisation, referral.referring_percent, referral.closing_percent
    )
    return ReferralAgreement.objects.create(
        referral=referral, number=1, referring_percent=referral.referring_percent,
        closing_percent=referral.closing_percent, text=text, digest=digest_of(text),
        proposed_by_id=referral.publisher_id,
        referring_person_id=actor.user_id, referring_name=name_of(actor),
        referring_at=timezone.now(), closing_person_id=claim.claimed_by_id,
        closing_name=claim.name, closing_at=claim.created_at,
    )  # fmt: skip


@transaction.atomic
def propose_split(
    *, actor: Actor, referral_id: int, referring_percent: Decimal, closing_percent: Decimal,
    expected_version: int | None = None,
) -> ReferralAgreement:  # fmt: skip
    """Either side proposes another split; the old one holds until the other side accepts.

    Raises Invalid for parts that do not come to 100, Conflict while another proposal waits.
    """
    referring, closing = checked_split(referring_percent, closing_percent)
    referral = locked(actor, referral_id, "split", side=SIDES, expected_version=expected_version)
    if proposed(referral) is not None:
        raise Conflict("split_waits", _("A proposal waits already. Answer it first."))
    assert referral.carrier is not None
    text = text_of(referral, referral.carrier, referring, closing)
    last = referral.agreements.aggregate(last=Max("number"))["last"] or 0
    row = ReferralAgreement(
        # above every number before, also of what was refused: to accept one means that one
        referral=referral, number=max(last, referral.version) + 1,
        referring_percent=referring, closing_percent=closing,
        text=text, digest=digest_of(text),
    )  # fmt: skip
    side = side_of(referral, actor)
    row.proposed_by_id = referral.publisher_id if side == PUBLISHER else referral.carrier.pk
    _sign(row, side, actor)
    row.save()
    keep(referral, event_kinds.REFERRAL_SPLIT, actor=actor, number=row.number)
    _tell_other(referral, side, actor)
    return row


@transaction.atomic
def answer_split(
    *, actor: Actor, referral_id: int, number: int, accept: bool,
    expected_version: int | None = None,
) -> Referral:  # fmt: skip
    """The other side accepts a proposal, or either side does away with it.

    Raises NotFound when it waits no longer, Conflict for whoever proposed it and would accept it.
    """
    referral = locked(actor, referral_id, "split", side=SIDES, expected_version=expected_version)
    row = proposed(referral)
    if row is None or row.number != number:
        raise NotFound
    side = side_of(referral, actor)
    if not accept:
        keep(referral, event_kinds.REFERRAL_SPLIT_REFUSED, actor=actor, number=row.number)
        row.delete()
    else:
        if (row.referring_at if side == PUBLISHER else row.closing_at) is not None:
            raise Conflict("own_proposal", _("The other institution has to accept it."))
        _sign(row, side, actor)
        row.save()
        keep(referral, event_kinds.REFERRAL_SPLIT_ACCEPTED, actor=actor, number=row.number)
    _tell_other(referral, side, actor)
    return referral


def _sign(row: ReferralAgreement, side: str, actor: Actor) -> None:
    if side == PUBLISHER:
        row.referring_person_id, row.referring_name = actor.user_id, name_of(actor)
        row.referring_at = timezone.now()
    else:
        row.closing_person_id, row.closing_name = actor.user_id, name_of(actor)
        row.closing_at = timezone.now()


def _tell_other(referral: Referral, side: str, actor: Actor) -> None:
    other = referral.carrier_id if side == PUBLISHER else referral.publisher_id
    tell(referral, notices.REFERRAL_CHANGED, other, actor)


def _name(organisation: Organisation) -> str:
    return organisation.name_zh or organisation.name_en
