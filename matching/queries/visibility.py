"""The one door for reading matches.

- An owner, editor or broker of a side's organisation sees the pair if the other listing is visible
  to it; while the other listing is confidential, only once that side is interested.
- A broker of a verified TTI sees pairs of public listings, and pairs of its clients and of its
  alliances' members as far as both listings are visible to it. Whose an anonymous listing is does
  not count here: a pair seen only for it would name its owner.
- The system sees all; everybody else (operators, moderators, other roles, visitors) nothing.

What may be read of a visible pair is decided by matching.readings and matching.explanation.
"""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.models import Organisation
from accounts.queries.alliances import allied_ids
from listings import states
from listings.models.listings import Tier
from listings.queries.visibility import is_visible
from marketplace.core.actor import Actor
from matching.models import Answer, Mandate, Match, Side
from matching.queries.sides import ROLES


def visible_to(actor: Actor) -> QuerySet[Match]:
    """The matches an actor may know of (see the table above)."""
    if actor.is_system:
        return Match.objects.all()
    if not actor.is_authenticated:
        return Match.objects.none()
    seen = _as_party(actor, Side.NEED) | _as_party(actor, Side.TECHNOLOGY)
    if brokers_for := tti_ids(actor):
        seen |= _as_broker(actor, brokers_for)
    return Match.objects.filter(seen)


def of_side(actor: Actor, side: str) -> QuerySet[Match]:
    """The matches of the actor's own needs (or technologies): what its inbox holds."""
    if actor.is_system:
        return Match.objects.all()
    return Match.objects.filter(_as_party(actor, side))


def for_triage(actor: Actor) -> QuerySet[Match]:
    """Open pairs that a broker may bring together; nothing for others."""
    return for_institutions(actor, tti_ids(actor))


def for_institutions(actor: Actor, institutions: frozenset[int]) -> QuerySet[Match]:
    """`for_triage`, when the institutions of the actor (see tti_ids) are known already."""
    if not institutions:
        return Match.objects.none()
    return Match.objects.filter(
        _as_broker(actor, institutions),
        ~Q(need_answer=Answer.DECLINED) & ~Q(technology_answer=Answer.DECLINED),
    )


def tti_ids(actor: Actor) -> frozenset[int]:
    """The verified transfer institutions for which the actor is a broker."""
    candidates = actor.ids_with("broker") & actor.verified_ids
    if not candidates:
        return frozenset()
    return frozenset(
        Organisation.objects.filter(pk__in=sorted(candidates), kind="tti").values_list(
            "pk", flat=True
        )
    )


def client_ids(institutions: frozenset[int]) -> frozenset[int]:
    """Organisations that let one of these institutions answer for them."""
    if not institutions:
        return frozenset()
    return frozenset(
        Mandate.objects.filter(
            institution_id__in=sorted(institutions), withdrawn_at__isnull=True
        ).values_list("organisation_id", flat=True)
    )


def named_as(organisation_ids: Iterable[int], *sides: str) -> Q:
    """Pairs in which one of these organisations is named as the owner of a side."""
    ids = sorted(organisation_ids)
    found = Q(pk__in=[])
    for side in sides or Side.values:
        found |= Q(**{f"{side}_owner__in": ids, f"{side}__is_anonymous": False})
    return found


def _as_party(actor: Actor, side: str) -> Q:
    own = sorted(actor.ids_with(*ROLES))
    if not own:
        return Q(pk__in=[])
    other = "technology" if side == Side.NEED else "need"
    reveals = Q(
        **{
            f"{other}__visibility": Tier.CONFIDENTIAL,
            f"{other}__state": states.PUBLISHED,
            f"{other}_answer": Answer.INTERESTED,
        }
    )
    return Q(**{f"{side}_owner__in": own}) & (is_visible(actor, f"{other}__") | reveals)


def _as_broker(actor: Actor, institutions: frozenset[int]) -> Q:
    public = Q(
        need__state=states.PUBLISHED, need__visibility=Tier.PUBLIC,
        technology__state=states.PUBLISHED, technology__visibility=Tier.PUBLIC,
    )  # fmt: skip
    return public | (
        named_as(allied_ids(institutions) | client_ids(institutions))
        & Q(need__state=states.PUBLISHED, technology__state=states.PUBLISHED)
        & is_visible(actor, "need__")
        & is_visible(actor, "technology__")
    )
