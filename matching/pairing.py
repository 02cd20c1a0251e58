"""A need and a technology that a broker names: may it speak of them, and how do they compare?

Used by proposing and by asking why a pair is not there. What is refused here is refused in words
that tell nothing beyond what the broker sees anyway.
"""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries.alliances import allied_ids
from listings import states
from listings.models import Listing
from listings.models.listings import Kind, Tier
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound, Refused, field_error
from matching.models import Match
from matching.pipeline import reasons, run, subjects
from matching.pipeline.features import Comparison
from matching.pipeline.levels import level_of, score_seen_by
from matching.pipeline.model import Model, current
from matching.pipeline.score import score
from matching.queries.inbox import with_listings
from matching.queries.visibility import client_ids, tti_ids, visible_to


@dataclass(frozen=True)
class Named:
    """Two listings that the broker may speak of; match: the pair, when it is there already."""

    need: Listing
    technology: Listing
    institutions: frozenset[int]
    match: Match | None

    @property
    def are_published(self) -> bool:
        return self.need.state == self.technology.state == states.PUBLISHED


def named(actor: Actor, need_id: int, technology_id: int) -> Named:
    """The pair that a broker names.

    Raises Refused `brokers_only`, `confidential_listing` (where it was released to the broker),
    `anonymous_owner` or `not_your_pair`; NotFound for what the broker may not know of; Invalid for
    a listing of the wrong kind.
    """
    institutions = tti_ids(actor)
    if not institutions:
        raise Refused(
            "brokers_only",
            _("Only technology brokers of a verified transfer institution work at this desk."),
        )
    need = _listing(actor, need_id, Kind.NEED)
    technology = _listing(actor, technology_id, Kind.TECHNOLOGY)
    match = with_listings(visible_to(actor)).filter(need=need, technology=technology).first()
    pair = Named(need, technology, institutions, match)
    if match is None:
        _refuse_unless_open(pair)
    return pair


def _listing(actor: Actor, listing_id: int, kind: str) -> Listing:
    found = (
        listings_visible_to(actor)
        .select_related("owner")
        .filter(pk=listing_id, revision_of__isnull=True)
        .first()
    )
    if found is None:
        raise NotFound
    if found.kind != kind:
        raise field_error(kind, _("This is not a listing of that kind."), code="wrong_kind")
    if found.visibility == Tier.CONFIDENTIAL:
        raise Refused(
            "confidential_listing",
            _("A confidential listing is matched, but brokers do not propose it: the other side "
              "would learn of it. Its owner can ask for an introduction."),
        )  # fmt: skip
    return found


def _refuse_unless_open(pair: Named) -> None:
    both = (pair.need, pair.technology)
    # Whatever was said of an anonymous listing (that its owner is the other's, too) would help to
    # find its owner. Pairs that the matcher found are of two owners anyway.
    if any(listing.is_anonymous for listing in both):
        raise Refused(
            "anonymous_owner",
            _("The owner of one of the two is not named, so brokers do not bring it into a pair. "
              "The matcher does."),
        )  # fmt: skip
    if all(listing.visibility == Tier.PUBLIC for listing in both):
        return
    near = allied_ids(pair.institutions) | client_ids(pair.institutions)
    if not any(listing.owner_id in near for listing in both):
        raise Refused(
            "not_your_pair",
            _("Listings for members only are brought together by an institution that one of the "
              "two owners is a client or an ally of."),
        )  # fmt: skip


@dataclass(frozen=True)
class Held:
    """How the matcher holds a pair: what was compared and the row it makes, which is not saved.

    is_open: no closed text took part, so that the numbers may be shown.
    """

    comparison: Comparison
    row: Match
    is_open: bool
    model: Model


def hold(need: Listing, technology: Listing) -> Held | None:
    """The pair through the stages of the matcher, from the need's side; None while one of the two
    is not published, not read yet, or both are of one owner."""
    model = current()
    subject = subjects.load(need.pk)
    if subject is None:
        return None
    found = run.compared(subject, [technology.pk], run.background_of(subject), model)
    if not found:
        return None
    pair = found[0]
    number = score(pair.features, model)
    words = {one.word for one in pair.shared[: reasons.MAX_TERMS]}
    tiers = subjects.tiers_of_words([need.pk, technology.pk], words)
    row = Match(
        need=need, technology=technology, need_owner=need.owner,
        technology_owner=technology.owner, score=number, level=level_of(number, model),
        need_score=score_seen_by(pair.need, pair.technology, number, model),
        technology_score=score_seen_by(pair.technology, pair.need, number, model),
        model_version=model.version, features=pair.features.as_data(),
        reasons=reasons.build(pair, tiers.get(need.pk, {}), tiers.get(technology.pk, {})),
        scored_at=timezone.now(),
    )  # fmt: skip
    # The highest score is only lowered for who may not read all that it was made from.
    is_open = all(
        score_seen_by(one, other, 100, model) == 100
        for one, other in ((pair.need, pair.technology), (pair.technology, pair.need))
    )
    return Held(pair, row, is_open, model)
