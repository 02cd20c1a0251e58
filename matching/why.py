"""Why a pair is not on the list, or low on it: the stage that dropped it, and what stands against.

Numbers that texts closed to the broker went into are not shown; the facts of the listings and what
is disclosed of both always are.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.actor import Actor
from marketplace.core.errors import field_error
from matching.explanation import Explanation, explain
from matching.models import Answer, Match, MatchRun, Side
from matching.pairing import Held, Named, hold, named
from matching.pipeline import candidates, run, subjects
from matching.pipeline.delivery import KEEP
from matching.pipeline.model import BY_LANGUAGE, FACTS, PLAIN, current
from matching.queries.visibility import visible_to


class Stage(models.TextChoices):
    """The first stage that holds a pair back."""

    LISTED = "listed", _("It is on the list")
    DECLINED = "declined", _("One of the sides has said no")
    NOT_PUBLISHED = "not_published", _("One of the two is not published")
    OWN_ORGANISATION = "own_organisation", _("Both are of one organisation")
    NOT_READ_YET = "not_read_yet", _("One of the two is still being read")
    NOT_MATCHED_YET = "not_matched_yet", _("It has not been its turn yet")
    NOT_A_CANDIDATE = "not_a_candidate", _("Neither was looked at for the other")
    BELOW_FLOOR = "below_floor", _("It scores too low to be kept")
    BEYOND_BEST = "beyond_best", _("Others fit better")
    # One answer where closed texts took part: which stage it was would tell single words of them.
    NOT_KEPT = "not_kept", _("It is not among the pairs that are kept")


PROPOSABLE = {Stage.NOT_A_CANDIDATE, Stage.BELOW_FLOOR, Stage.BEYOND_BEST, Stage.NOT_KEPT}
MEANINGS: dict[str, Any] = {
    Stage.LISTED: _("The matcher keeps it. What stands against a better place is below."),
    Stage.DECLINED: _("A declined pair leaves the desk. It comes back only when that side answers "
                      "otherwise."),
    Stage.NOT_PUBLISHED: _("Only published listings are matched. A paused or expired one can be "
                           "published again by its owner."),
    Stage.OWN_ORGANISATION: _("Listings of one organisation are not matched with each other."),
    Stage.NOT_READ_YET: _("Its words and its meaning are being taken in. Ask again in a minute."),
    Stage.NOT_MATCHED_YET: _("One of the two was published or changed a moment ago. Ask again in a "
                             "minute."),
    Stage.NOT_A_CANDIDATE: _("The matcher looks closer at those that share rare words or are near "
                             "in meaning. These two do neither enough; more in common words of the "
                             "field, in either language, would change that."),
    Stage.BELOW_FLOOR: _("It was compared, and too little of it fits. You can propose it by hand."),
    Stage.BEYOND_BEST: _("Of every listing the best 50 pairs are kept, and these were better. You "
                         "can propose it by hand."),
    Stage.NOT_KEPT: _("Texts that are closed to you took part, so which stage dropped it is not "
                      "told. You can propose it by hand."),
}  # fmt: skip

LABELS: dict[str, Any] = {
    "words": _("Words in common"),
    "title": _("Words of the titles"),
    "meaning": _("Nearness in meaning"),
    "field": _("Technology field"),
    "trl": _("Maturity"),
    "modes": _("Transfer mode"),
    "price": _("Price and budget"),
    "region": _("Place"),
    "specifications_met": _("Requirements met"),
    "specifications_unmet": _("Requirements unmet"),
}


@dataclass(frozen=True)
class Factor:
    """A number that the score is made from.

    value: 0..1. weight: what one whole of it adds (below 0: takes away). cost: by how much it is
    short of its best, in the same measure. is_said: False where the texts do not say.
    """

    code: str
    label: str
    value: float
    weight: float
    cost: float
    is_said: bool


@dataclass(frozen=True)
class Why:
    """places: side -> place among the pairs of that listing that the broker sees, when listed.
    factors: the costliest first; without those that closed texts went into when `has_closed`.
    found: the pair explained from what is disclosed; None when it could not be compared."""

    pair: Named
    stage: str
    match: Match | None = None
    places: dict[str, int] = field(default_factory=dict)
    factors: list[Factor] = field(default_factory=list)
    has_closed: bool = False
    found: Explanation | None = None

    @property
    def label(self) -> str:
        return str(Stage(self.stage).label)

    @property
    def meaning(self) -> str:
        return str(MEANINGS[self.stage])

    @property
    def may_propose(self) -> bool:
        return self.stage in PROPOSABLE


def why(*, actor: Actor, need_id: int, technology_id: int) -> Why:
    """For a broker of a verified institution. Raises what matching.pairing.named raises."""
    if need_id == technology_id:
        raise field_error("technology", _("Name two listings."), code="same_listing")
    pair = named(actor, need_id, technology_id)
    if pair.need.owner_id == pair.technology.owner_id:
        return Why(pair, Stage.OWN_ORGANISATION)
    if not pair.are_published:
        return Why(pair, Stage.NOT_PUBLISHED, pair.match)
    held = hold(pair.need, pair.technology)
    if held is None:
        return Why(pair, Stage.NOT_READ_YET, pair.match)
    stage = _stage(pair, held)
    return Why(
        pair,
        stage,
        pair.match,
        places=_places(pair.match, actor) if stage == Stage.LISTED and pair.match else {},
        factors=_factors(held),
        has_closed=not held.is_open,
        found=explain(pair.match or held.row, actor),
    )


def _stage(pair: Named, held: Held) -> str:
    if pair.match is not None:
        declined = Answer.DECLINED in (pair.match.need_answer, pair.match.technology_answer)
        return Stage.DECLINED if declined else Stage.LISTED
    versions = {pair.need.pk: pair.need.version, pair.technology.pk: pair.technology.version}
    runs = MatchRun.objects.filter(pk__in=list(versions))
    done = {run.pk for run in runs if run.listing_version == versions[run.pk]}
    if done != set(versions):
        return Stage.NOT_MATCHED_YET
    if not held.is_open:
        return Stage.NOT_KEPT
    if not _is_candidate(pair.need.pk, pair.technology.pk):
        return Stage.NOT_A_CANDIDATE
    return Stage.BELOW_FLOOR if held.row.score < current().floor else Stage.BEYOND_BEST


def _is_candidate(need_id: int, technology_id: int) -> bool:
    """Whether either finds the other, as a run of it would."""
    for asking, other in ((need_id, technology_id), (technology_id, need_id)):
        subject = subjects.load(asking)
        if subject is not None:
            found = candidates.find(subject, *run.background_of(subject))
            if other in found.ids:
                return True
    return False


def _places(match: Match, actor: Actor) -> dict[str, int]:
    """Counted among what the broker sees, or the place would count what it does not."""
    seen = visible_to(actor)
    return {
        side: 1
        + seen.filter(
            **{
                f"{side}_id": getattr(match, f"{side}_id"),
                f"{side}_score__gt": getattr(match, f"{side}_score"),
            }
        )[:KEEP].count()
        for side in Side.values
    }


def _factors(held: Held) -> list[Factor]:
    features, model = held.comparison.features, held.model
    names = (*BY_LANGUAGE, *PLAIN) if held.is_open else FACTS
    found = []
    for name in names:
        key = f"{name}_across" if features.across and name in BY_LANGUAGE else name
        value, weight = float(getattr(features, name)), model.weights[key]
        cost = weight * (1 - value) if weight > 0 else -weight * value
        found.append(
            Factor(
                # To a tenth: how rare a word is comes from closed texts, too, and two places would
                # show a single one of them.
                name, str(LABELS[name]), round(value, 1), round(weight, 1), round(cost, 1),
                name not in features.unsaid,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: -one.cost)
