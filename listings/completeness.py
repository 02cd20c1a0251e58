"""What a listing must have before others read it. What would make it better: listings.coach."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from listings.changes import LABELS
from listings.models.listings import Kind, Listing, Tier
from listings.snapshots import SPECIFICATION_FIELDS, TEXT_FIELDS, TIER_OF_FIELD
from marketplace.core.errors import Invalid, Message

Errors = dict[str, list[Message]]


def missing(listing: Listing) -> Errors:
    """Field name -> why it is needed, for everything without which nobody can use the listing."""
    found: Errors = {}
    if not (listing.title_en or listing.title_zh):
        found["title_en"] = [_("Give a title in English or Chinese.")]
    if not (listing.summary_en or listing.summary_zh or listing.body_en or listing.body_zh):
        # in the language in which it has its title
        name = "summary_zh" if listing.title_zh and not listing.title_en else "summary_en"
        found[name] = [_("Say in one or two sentences what it is.")]
    if not listing.field:
        found["field"] = [_("Choose a technology field, so that it can be found.")]
    if listing.kind == Kind.TECHNOLOGY and listing.trl is None:
        found["trl"] = [_("Choose how ready the technology is.")]
    if listing.deadline and listing.deadline < timezone.localdate():
        found["deadline"] = [_("The deadline is past: choose a later day or leave it empty.")]
    if listing.is_anonymous:
        found.update(_names_owner(listing))
    return found


def check_complete(listing: Listing) -> None:
    """Raises Invalid `incomplete` with every missing field."""
    found = missing(listing)
    if found:
        raise Invalid(
            "incomplete", _("Something is still missing before it can be posted."), fields=found
        )


def _names_owner(listing: Listing) -> Errors:
    """An anonymous listing must not name its owner in what strangers read."""
    names = [
        name.casefold() for name in (listing.owner.name_en, listing.owner.name_zh) if len(name) > 1
    ]

    def named_in(texts: Iterable[str]) -> bool:
        text = "\n".join(texts).casefold()
        return any(name in text for name in names)

    found: Errors = {}
    for field in TEXT_FIELDS:
        is_released = TIER_OF_FIELD.get(field) == Tier.CONFIDENTIAL
        if not is_released and named_in([getattr(listing, field)]):
            found[field] = [
                _("“%(place)s” names your organisation, but you chose to stay anonymous.")
                % {"place": LABELS[field]}
            ]
    parts = {
        "keywords_en": [*listing.keywords_en, *listing.keywords_zh],
        "specifications": [
            str(getattr(row, name))
            for row in listing.specifications.all()
            if row.tier != Tier.CONFIDENTIAL
            for name in SPECIFICATION_FIELDS
        ],
        "documents": [
            row.title for row in listing.documents.all() if row.tier != Tier.CONFIDENTIAL
        ],
    }
    for name, texts in parts.items():
        if named_in(texts):
            found[name] = [
                _("“%(place)s” names your organisation, but you chose to stay anonymous.")
                % {"place": LABELS[name]}
            ]
    return found
