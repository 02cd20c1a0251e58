"""Words about a clause review, for templates."""

from django import template
from django.utils.translation import gettext as _

from contracts.models import ClauseReview

register = template.Library()


@register.simple_tag
def clause_place(review: ClauseReview, place: int) -> str:
    """Where a clause stands: "page 3" or "paragraph 12"."""
    if review.unit == "page":
        return _("page %(number)s") % {"number": place}
    return _("paragraph %(number)s") % {"number": place}
