"""The steps of posting, in order. Each is one page and saves what it holds."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listings.models import Listing


@dataclass(frozen=True, slots=True)
class Step:
    """label: in the row of steps; need_label, where a need is asked something else."""

    key: str
    label: str | Promise
    lede: str | Promise
    need_lede: str | Promise = ""

    def lede_for(self, listing: Listing) -> str | Promise:
        return self.lede if listing.is_technology or not self.need_lede else self.need_lede


STEPS = (
    Step(
        "what",
        _("What it is"),
        _("What it does, for whom, and how far it has come."),
        _("What goes wrong, where, and what would help."),
    ),
    Step(
        "specifications",
        _("Specifications"),
        _("Figures that can be held against what needs require."),
        _("Figures that an answer must reach, or better reach."),
    ),
    Step(
        "terms",
        _("Terms"),
        _("What you seek, for how much, and which rights stand behind it."),
        _("How you want to work together, for how much, and until when."),
    ),
    Step(
        "details",
        _("Who sees what"),
        _("Everything can be matched; you decide who may read it."),
    ),
    Step(
        "documents",
        _("Documents"),
        _("Test reports, data sheets, pictures: each for those whom you choose."),
    ),
    Step(
        "preview",
        _("Preview"),
        _("Read it as others will, then hand it in."),
    ),
)
KEYS = tuple(step.key for step in STEPS)


def step_of(key: str) -> Step | None:
    return next((step for step in STEPS if step.key == key), None)


def url_of(listing: Listing, key: str) -> str:
    return reverse("edit_listing", args=[listing.public_id, key])


def next_key(key: str) -> str:
    """The step after, or the last."""
    return KEYS[min(KEYS.index(key) + 1, len(KEYS) - 1)]


def previous_key(key: str) -> str:
    """The step before, or "" at the first."""
    place = KEYS.index(key)
    return KEYS[place - 1] if place else ""


def for_display(listing: Listing) -> list[dict[str, object]]:
    """Items of the {% steps %} component; done is what holds something."""
    done = {
        "what": bool((listing.title_en or listing.title_zh) and listing.field),
        "specifications": listing.specifications.exists(),
        "terms": bool(listing.modes or listing.price_min is not None),
        "details": listing.published_version > 0
        or listing.is_anonymous
        or listing.visibility != "public"
        or bool(listing.members_text_en or listing.members_text_zh),
        "documents": listing.documents.exists(),
        "preview": False,
    }
    return [
        {
            "key": step.key,
            "label": step.label,
            "url": url_of(listing, step.key),
            "done": done[step.key],
        }
        for step in STEPS
    ]
