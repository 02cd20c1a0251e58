"""The one door for reading introductions, and for whom somebody speaks in one."""

from django.db.models import F, Q, QuerySet

from accounts.models import Organisation
from deals import states
from deals.models import Introduction, Side
from deals.queries.offers import is_offered_to
from deals.rules import BROKER_ROLES, PARTY_ROLES
from listings.models.listings import Tier
from listings.queries.visibility import published_for
from marketplace.core.actor import Actor


def visible_to(actor: Actor) -> QuerySet[Introduction]:
    """Introductions of the actor's organisations, as a party or as the brokering institution.

    Operators see none: what is said between two parties is not theirs to read. An introduction
    that waits for a broker is not visible to brokers either, only its pair (see claimable_by).
    """
    if actor.is_system:
        return Introduction.objects.all()
    parties = sorted(actor.ids_with(*PARTY_ROLES))
    brokering = sorted(actor.ids_with(*BROKER_ROLES))
    if not (parties or brokering):
        return Introduction.objects.none()
    return Introduction.objects.filter(
        Q(need_party_id__in=parties)
        | Q(technology_party_id__in=parties)
        | Q(broker_organisation_id__in=brokering)
    )


def sides_of(introduction: Introduction, actor: Actor) -> list[str]:
    """The sides for which the actor may speak, parties first; somebody may belong to several."""
    if actor.is_system:
        return [Side.NEED.value, Side.TECHNOLOGY.value]
    found = []
    if actor.can(introduction.need_party_id, *PARTY_ROLES):
        found.append(Side.NEED.value)
    if actor.can(introduction.technology_party_id, *PARTY_ROLES):
        found.append(Side.TECHNOLOGY.value)
    if introduction.broker_organisation_id and actor.can(
        introduction.broker_organisation_id, *BROKER_ROLES
    ):
        found.append(Side.BROKER.value)
    return found


def brokering_organisations(actor: Actor) -> QuerySet[Organisation]:
    """Verified technology transfer institutions in which the actor is a broker."""
    ids = actor.ids_with(*BROKER_ROLES) & actor.verified_ids
    return Organisation.objects.filter(pk__in=sorted(ids), kind="tti").order_by("id")


def claimable_by(actor: Actor) -> QuerySet[Introduction]:
    """Introductions that want a broker and that the actor may take up, longest waiting first;
    those of its institution's clients and of pairs that it proposed without being asked.

    Only where both listings are open to the actor anyway, so that asking for a broker tells
    nobody more than the market does, or where an enquiry without a name asked for the actor's
    institution; never of one's own organisation.
    """
    institutions = list(brokering_organisations(actor).values_list("pk", flat=True))
    if not institutions:
        return Introduction.objects.none()
    open_to = published_for(actor).exclude(visibility=Tier.CONFIDENTIAL).values("pk")
    own = sorted(actor.organisation_ids)
    # an enquiry without a name is shown to the brokers of the institution that was asked, alone
    asked_of_me = Q(enquiry__through__in=institutions)
    to_all = Q(enquiry__through__isnull=True, need__in=open_to, technology__in=open_to)
    return (
        Introduction.objects.filter(
            (to_all & Q(broker_asked_at__isnull=False))
            | (to_all & Q(enquiry__isnull=True) & is_offered_to(institutions))
            | (asked_of_me & Q(broker_asked_at__isnull=False)),
            broker_organisation__isnull=True,
        )
        .exclude(state=states.CLOSED)
        .exclude(Q(need_party_id__in=own) | Q(technology_party_id__in=own))
        .order_by(F("broker_asked_at").asc(nulls_last=True), "pk")
    )
