"""Figures for pages of rooms below, which include our templates by name."""

from django import template

from accounts.models import Organisation
from insights.queries.institutions import Compared, compared
from insights.queries.market import TtiFigures, tti_figures

register = template.Library()


@register.simple_tag
def figures_of(organisation: Organisation) -> TtiFigures:
    """Live public figures of one institution."""
    return tti_figures([organisation.pk])[organisation.pk]


@register.simple_tag
def compared_of(organisation: Organisation, year: int) -> list[Compared]:
    """Own figures of a year beside the middle ones of the type, for the institution itself."""
    return compared(organisation.pk, year)
