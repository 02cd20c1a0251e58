"""Words of the relief estimator, for templates."""

from django import template
from django.utils.functional import Promise

from contracts.relief import Verdict
from contracts.relief_words import FIGURES, KINDS, REASONS, TOTALS

register = template.Library()


@register.filter
def why(verdict: Verdict) -> str | Promise:
    return REASONS[verdict.reason]


@register.filter
def figure_name(code: str) -> str | Promise:
    return FIGURES[code]


@register.filter
def kind_name(code: str) -> str | Promise:
    return KINDS[code]


@register.filter
def is_total(code: str) -> bool:
    return code in TOTALS
