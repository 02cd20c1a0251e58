"""Specifications: a technology claims, a need requires. Stored as given and in base units."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from listings.models.listings import Listing, Tier
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode


def _line(limit: int) -> "models.CharField[str, str]":
    return models.CharField(max_length=limit, blank=True, validators=[plain_text])


class Specification(models.Model):
    class Strength(models.TextChoices):
        MUST = "must", _("must")
        WISH = "wish", _("wish")

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="specifications")
    position = models.PositiveSmallIntegerField(default=0)
    metric_en = _line(120)
    metric_zh = _line(120)
    comparator = models.CharField(max_length=8, validators=[KnownCode("comparators")])
    value = models.DecimalField(max_digits=24, decimal_places=8)
    upper = models.DecimalField(max_digits=24, decimal_places=8, null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    # value and upper in the base unit of the dimension, for comparing and for filters
    dimension = models.CharField(max_length=120, blank=True, editable=False)
    base_value = models.FloatField(editable=False)
    base_upper = models.FloatField(null=True, blank=True, editable=False)
    condition_en = _line(200)
    condition_zh = _line(200)
    compared_with_en = _line(200)
    compared_with_zh = _line(200)
    strength = models.CharField(max_length=4, choices=Strength.choices, default=Strength.MUST)
    tier = models.CharField(max_length=12, choices=Tier.choices, default=Tier.PUBLIC)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(metric_en="") | ~Q(metric_zh=""),
                name="specification_has_metric",
                violation_error_message=_("Name the metric in English or Chinese."),
            ),
            models.CheckConstraint(
                condition=(Q(comparator="between") & Q(upper__gt=F("value")))
                | (~Q(comparator="between") & Q(upper__isnull=True)),
                name="specification_range",
                violation_error_message=_("The upper value must be above the lower one."),
            ),
        ]
        indexes = [
            # specification filters: one dimension, a range of values
            models.Index(fields=["dimension", "base_value"], name="specification_by_value")
        ]
