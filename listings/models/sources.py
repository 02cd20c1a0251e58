"""A source that listings are brought in from, kept by operators."""

from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from listings.models.listings import Kind
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id


class SourceKind(models.TextChoices):
    OAI_PMH = "oai_pmh", _("OAI-PMH repository (Dublin Core)")
    NASA_T2 = "nasa_t2", _("NASA technology transfer")
    JSON_FEED = "json_feed", _("JSON Feed")


class HarvestSource(models.Model):
    """What an operator set, and where the present run stands.

    `name` is what readers see on each listing and, with the entry's id, what makes an entry known
    again: it never changes. `kept` and `run` are the connector's (listings.connectors.shapes):
    what the last whole run left, and the position inside the present one, {} when none is going.
    They change in the transaction that stores a page. The API key lies sealed in `key`.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    name = models.CharField(max_length=60, unique=True, validators=[plain_text])
    kind = models.CharField(max_length=12, choices=SourceKind.choices)
    address = models.URLField(
        max_length=500, validators=[URLValidator(schemes=["http", "https"]), plain_text]
    )
    selection = models.CharField(
        max_length=200, blank=True, validators=[plain_text],
        help_text=_("Set of a repository, or the words asked for."),
    )  # fmt: skip
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    listing_kind = models.CharField(
        max_length=10, choices=Kind.choices, default=Kind.TECHNOLOGY
    )  # fmt: skip
    default_field = models.CharField(max_length=40, validators=[KnownCode("fields")])
    field_codes = models.JSONField(
        default=dict, blank=True, help_text=_("Word of the source, in lower case: field.")
    )
    key = models.TextField(blank=True)
    withdraws_deleted = models.BooleanField(default=False)
    is_on = models.BooleanField(default=False)
    every_hours = models.PositiveSmallIntegerField(
        default=24, validators=[MinValueValidator(1), MaxValueValidator(24 * 60)]
    )

    kept = models.JSONField(default=dict)
    run = models.JSONField(default=dict)
    next_run_at = models.DateTimeField(null=True, blank=True)
    last_run_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, help_text=_("Of the present or the last run."))
    report = models.JSONField(default=list, help_text=_("What that run left out, and why."))
    trouble = models.CharField(max_length=30, blank=True)
    trouble_detail = models.CharField(max_length=300, blank=True)
    trouble_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text=_("In a row."))
    version = models.PositiveIntegerField(default=1, help_text=_("Rises with what operators do."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="source_has_name",
                violation_error_message=_("Give the source a name."),
            )
        ]
        indexes = [
            # the clock: what is due
            models.Index(fields=["next_run_at"], condition=Q(is_on=True), name="source_due")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_key(self) -> bool:
        return bool(self.key)

    @property
    def is_running(self) -> bool:
        """Inside a run: some pages are stored, others are still to come."""
        return bool(self.run)
