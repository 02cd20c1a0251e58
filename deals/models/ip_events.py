"""What protects an invention of a case: filings, actions, grants, fees; deadlines and costs."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from deals.models.cases import MAX_VALUE, Case
from deals.models.income import LicenceCost
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id


class IpKind(models.TextChoices):
    PROVISIONAL = "provisional", pgettext_lazy("patent", "provisional filing")
    FILING = "filing", pgettext_lazy("patent", "filing")
    PCT = "pct", pgettext_lazy("patent", "international filing (PCT)")
    NATIONAL_PHASE = "national_phase", pgettext_lazy("patent", "national phase")
    PUBLICATION = "publication", pgettext_lazy("patent", "publication")
    OFFICE_ACTION = "office_action", pgettext_lazy("patent", "office action")
    RESPONSE = "response", pgettext_lazy("patent", "response")
    GRANT = "grant", pgettext_lazy("patent", "grant")
    ANNUITY = "annuity", pgettext_lazy("patent", "annuity")
    ABANDONMENT = "abandonment", pgettext_lazy("patent", "abandonment")


class IpEvent(models.Model):
    """`booked`: the cost in the income of a contract, once it is entered there; that row alone
    counts in a distribution, this amount never does."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="ip_events")
    kind = models.CharField(max_length=16, choices=IpKind.choices)
    office = models.CharField(
        max_length=40, blank=True, validators=[plain_text], help_text=_("CNIPA, EPO, WIPO …")
    )
    number = models.CharField(max_length=40, blank=True, validators=[plain_text])
    happened_on = models.DateField(null=True, blank=True)
    deadline = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="CNY", validators=[KnownCode("currencies")])
    note = models.CharField(max_length=400, blank=True, validators=[plain_text])
    booked = models.OneToOneField(
        LicenceCost, on_delete=models.PROTECT, null=True, blank=True, related_name="ip_event"
    )
    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gte=0, cost__lt=MAX_VALUE),
                name="ip_event_cost_in_range",
                violation_error_message=_("The cost must lie between 0 and a trillion."),
            ),
            models.CheckConstraint(
                condition=Q(happened_on__isnull=False) | Q(deadline__isnull=False),
                name="ip_event_has_date",
                violation_error_message=_("Give a date or a deadline."),
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-id"], name="ip_event_of_case"),
            # the clock, my day and the calendar
            models.Index(
                fields=["deadline"],
                condition=Q(done_on__isnull=True, deadline__isnull=False),
                name="ip_event_due",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
