"""Figures for pages of rooms below, which include our templates by name."""

from django import template

from accounts.models import Organisation
from insights.queries.market import TtiFigures, tti_figures

register = template.Library()


@register.simple_tag
def figures_of(organisation: Organisation) -> TtiFigures:
    """Live public figures of one institution."""
    return tti_figures([organisation.pk])[organisation.pk]
