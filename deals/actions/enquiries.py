"""Asking the other side of a match without a name."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.queries.organisations import people_with
from deals import event_kinds, notices
from deals.actions.access import organisation_ids, tell, touch
from deals.actions.opening import open_pair
from deals.actions.talks import cleaned
from deals.identifying import reasons_against
from deals.models import Enquiry, Introduction, IntroductionMessage, Origin, other_party
from deals.queries.enquiries import (
    askable,
    asking_side,
    brokers_of,
    names_of,
    sent_since,
)
from deals.rules import BROKER_ROLES, MAX_ENQUIRIES_A_DAY, PAUSE_OF_ENQUIRIES
from events.actions import notify, record
from listings.models import Listing
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, field_error
from matching.models import Match

FACTS = ("field", "province", "price")


@transaction.atomic
def ask_unnamed(
    *, actor: Actor, match_id: int, words: str, shows: list[str] | None = None, through: str = "",
) -> Introduction:  # fmt: skip
    """Ask the other side of a match about its listing, without a name, in one's own words.

    shows: which of FACTS of one's own listing go with it; none unless named. through: public id of
    an institution whose brokers are asked to help.
    Raises NotFound for a match the actor cannot ask from, Refused for an unverified organisation,
    Invalid for words that would tell who asks, Conflict for a pair that is talking already and
    when too much was asked in too little time.
    """
    match = askable(actor).select_related("need__owner", "technology__owner").filter(
        pk=match_id
    ).first()  # fmt: skip
    side = asking_side(match, actor) if match is not None else ""
    if match is None or not side:
        raise NotFound
    own, about = _sides(match, side)
    if own.owner_id not in actor.verified_ids:
        raise Refused(
            "not_verified",
            _("Your organisation must be verified before it asks for introductions."),
        )
    if not own.is_open:
        raise Conflict("not_published", _("Publish your listing first; then ask from it."))
    text = _said(words, own.owner, actor)
    chosen = _shown(shows or [])
    broker = _broker(own.owner_id, through)
    _refuse_too_many(own.owner_id, about)
    made, is_new = open_pair(
        match.need, match.technology, origin=Origin.UNNAMED, actor=actor, match=match,
        **({"broker_asked_at": timezone.now(), "broker_asked_side": side} if broker else {}),
    )  # fmt: skip
    if not is_new:
        raise Conflict(
            "already_open", _("You are talking to this side already. Write to it there.")
        )
    Enquiry.objects.create(
        introduction=made, side=side, organisation_id=own.owner_id, about=about, through=broker,
        **_facts(own, chosen),
    )  # fmt: skip
    message = IntroductionMessage.objects.create(
        introduction=made, side=side, sender_id=actor.user_id, organisation_id=own.owner_id,
        body=text,
    )  # fmt: skip
    record(
        event_kinds.MESSAGE_POSTED, actor=actor, obj=made,
        organisation_ids=organisation_ids(made), data={"message": message.public_id, "side": side},
    )  # fmt: skip
    tell(
        made, notices.ENQUIRY, [other_party(side)], actor=actor,
        key=f"opened-{made.public_id}",
    )  # fmt: skip
    if broker is not None:
        _tell_brokers(made, about, broker)
    touch(made)
    return made


# --- Inside --------------------------------------------------------------------------------------


def _sides(match: Match, side: str) -> tuple[Listing, Listing]:
    return (match.need, match.technology) if side == "need" else (match.technology, match.need)


def _said(words: str, organisation: Organisation, actor: Actor) -> str:
    try:
        text = cleaned(words)
    except Invalid as error:
        found = [message for messages in error.fields.values() for message in messages]
        raise Invalid(error.code, error.message, fields={"words": found}) from None
    reasons = reasons_against(text, names_of(organisation, actor.user_id))
    if reasons:
        raise Invalid("would_name_you", reasons[0], fields={"words": reasons})
    return text


def _shown(shows: list[str]) -> set[str]:
    if unknown := [name for name in shows if name not in FACTS]:
        raise field_error("shows", _("Unknown: %(name)s.") % {"name": unknown[0][:20]})
    return set(shows)


def _broker(organisation_id: int, public_id: str) -> Organisation | None:
    if not public_id:
        return None
    found = brokers_of(organisation_id).filter(public_id=public_id[:10]).first()
    if found is None:
        raise field_error(
            "through", _("Choose an institution that you work with."), code="unknown_code"
        )
    return found


def _refuse_too_many(organisation_id: int, about: Listing) -> None:
    """Under a lock of the organisation, so that two at once are counted one after the other."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    if sent_since(organisation_id, 1).count() >= MAX_ENQUIRIES_A_DAY:
        raise Conflict(
            "too_many_enquiries",
            _("Your organisation has sent %(limit)s enquiries in a day. Send this one tomorrow.")
            % {"limit": MAX_ENQUIRIES_A_DAY},
        )
    # of whichever of its listings: copies of one listing do not ask again
    if sent_since(organisation_id, PAUSE_OF_ENQUIRIES).filter(about=about).exists():
        raise Conflict(
            "asked_lately",
            _("Your organisation has asked about this one within the last %(days)s days.")
            % {"days": PAUSE_OF_ENQUIRIES},
        )


def _facts(own: Listing, chosen: set[str]) -> dict[str, object]:
    facts: dict[str, object] = {}
    if "field" in chosen:
        facts["field"] = own.field
    if "province" in chosen and own.country == "CN" and own.region:
        facts["province"] = f"{own.region[:2]}0000"
    if "price" in chosen and (own.price_min is not None or own.price_max is not None):
        facts |= {
            "price_min": own.price_min, "price_max": own.price_max, "currency": own.currency,
        }  # fmt: skip
    return facts


def _tell_brokers(made: Introduction, about: Listing, broker: Organisation) -> None:
    """Those of the institution who are no party; they are told what the market shows."""
    parties = {
        person
        for organisation_id in (made.need_party_id, made.technology_party_id)
        for person in people_with(organisation_id, "editor", "broker", "analyst", "registrar")
    }
    notify(
        set(people_with(broker.pk, *BROKER_ROLES)) - parties, notices.BROKER_WANTED, url="/desk/",
        params={"title_en": about.title_en, "title_zh": about.title_zh},
        key=f"wanted-{made.public_id}-{made.version}",
    )  # fmt: skip
