"""Registration points: settings and the numbers they have given."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class PointSettings(models.Model):
    """How a registration point works; made with defaults when it is first needed."""

    point = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="registration_settings"
    )
    code = models.CharField(
        max_length=6, unique=True, validators=[RegexValidator(r"^\d{6}$")],
        help_text=_("Six digits in the middle of its numbers: the GB/T 2260 code of its region."),
    )  # fmt: skip
    decision_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text=_("Working days; empty: as the rule set says."),
    )  # fmt: skip
    large_decision_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    closed_days = ArrayField(
        models.DateField(), default=list, blank=True, size=200,
        help_text=_("Holidays on weekdays."),
    )  # fmt: skip
    opened_days = ArrayField(
        models.DateField(), default=list, blank=True, size=100,
        help_text=_("Weekend days that are worked."),
    )  # fmt: skip

    def __str__(self) -> str:
        return self.code


class NumberSequence(models.Model):
    """The last serial that a point has given in a year. Locked by the registering transaction, so
    that an abandoned registration leaves no gap."""

    point = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="number_sequences"
    )
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["point", "year"],
                name="number_sequence_once",
                violation_error_message=_("This sequence exists."),
            )
        ]
