"""What a listing must have before others read it. What would make it better: listings.coach."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from listings.models.listings import Kind, Listing
from marketplace.core.errors import Invalid, Message


def missing(listing: Listing) -> dict[str, list[Message]]:
    """Field name -> why it is needed, for everything without which nobody can use the listing."""
    found: dict[str, list[Message]] = {}
    if not (listing.title_en or listing.title_zh):
        found["title_en"] = [_("Give a title in English or Chinese.")]
    if not (listing.summary_en or listing.summary_zh or listing.body_en or listing.body_zh):
        found["summary_en"] = [_("Say in one or two sentences what it is.")]
    if not listing.field:
        found["field"] = [_("Choose a technology field, so that it can be found.")]
    if listing.kind == Kind.TECHNOLOGY and listing.trl is None:
        found["trl"] = [_("Choose how ready the technology is.")]
    if listing.deadline and listing.deadline < timezone.localdate():
        found["deadline"] = [_("The deadline is past: choose a later day or leave it empty.")]
    return found


def check_complete(listing: Listing) -> None:
    """Raises Invalid `incomplete` with every missing field."""
    found = missing(listing)
    if found:
        raise Invalid(
            "incomplete", _("Something is still missing before it can be posted."), fields=found
        )
