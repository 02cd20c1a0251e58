"""Figures for pages of rooms below, which include our templates by name."""

import datetime as dt

from django import template

from accounts.models import Organisation
from insights.institutions import made_from
from insights.queries.institutions import OwnEdition, own_edition
from insights.queries.market import TtiFigures, tti_figures

register = template.Library()


@register.simple_tag
def figures_of(organisation: Organisation) -> TtiFigures:
    """Live public figures of one institution."""
    return tti_figures([organisation.pk])[organisation.pk]


@register.simple_tag
def edition_of(organisation: Organisation, year: int) -> OwnEdition:
    """What the public edition of a year holds of an institution, for the institution itself."""
    return own_edition(organisation.pk, year)


@register.simple_tag
def made_from_of(year: int) -> dt.date:
    """The first day on which the public tables of a year are made."""
    return made_from(year)
