"""What the screening of a contract against catalogues found, and what a person decided."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.models.catalogues import Catalogue, CatalogueEntry
from contracts.models.contracts import Contract
from marketplace.core.cleaning import plain_text


class Screening(models.Model):
    """One screening of one submitted version; the newest counts. Only of contracts that cross the
    border (contracts.screening.border).

    It and its hits are as confidential as the contract's files, whose words they quote.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("the files are being read")
        DONE = "done", _("screened")

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="screenings")
    version = models.PositiveIntegerField(help_text=_("Number of the contract's version."))
    directions = ArrayField(models.CharField(max_length=6, choices=Catalogue.Direction.choices))
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    catalogues = models.ManyToManyField(Catalogue, related_name="screenings")
    text_sha256 = models.CharField(
        max_length=64, help_text=_("Of all that was screened, with the sides and the directions.")
    )
    unread = ArrayField(
        models.CharField(max_length=200), default=list,
        help_text=_("Names of files whose text could not be read, or not to the end."),
    )  # fmt: skip
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            # the newest of a contract
            models.Index(fields=["contract", "-id"], name="screening_newest")
        ]

    def __str__(self) -> str:
        return f"screening {self.pk} of {self.contract_id}"


class ScreeningHit(models.Model):
    """An entry that a text may be about. reasons: rows of why, where, the words quoted and the
    terms shared."""

    screening = models.ForeignKey(Screening, on_delete=models.CASCADE, related_name="hits")
    entry = models.ForeignKey(CatalogueEntry, on_delete=models.PROTECT, related_name="hits")
    holds = models.BooleanField(help_text=_("By the contract's rule set: nothing is registered "
                                            "until a person has decided."))  # fmt: skip
    score = models.PositiveSmallIntegerField(help_text=_("0 to 100, to sort by."))
    reasons = models.JSONField(default=list)

    class Meta:
        ordering = ["-holds", "-score", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["screening", "entry"],
                name="screening_hit_once",
                violation_error_message=_("This entry was hit already."),
            )
        ]

    def __str__(self) -> str:
        return f"hit {self.pk}"


class HitDecision(models.Model):
    """What a registrar decided about a hit; append-only, the newest counts."""

    class Outcome(models.TextChoices):
        NOT_COVERED = "not_covered", _("not covered")
        LICENSED = "licensed", _("covered, licence shown")
        BARRED = "barred", _("barred")

    hit = models.ForeignKey(ScreeningHit, on_delete=models.CASCADE, related_name="decisions")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    words = models.TextField(max_length=4000, validators=[plain_text])
    note = models.TextField(
        max_length=4000, blank=True, validators=[plain_text],
        help_text=_("For the registration point alone."),
    )  # fmt: skip
    licence_number = models.CharField(max_length=80, blank=True, validators=[plain_text])
    licence_on = models.DateField(null=True, blank=True)
    licence_by = models.CharField(max_length=160, blank=True, validators=[plain_text])
    carried_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+",
        help_text=_("The decision of an earlier screening of the same text that this repeats."),
    )  # fmt: skip
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="licensed")
                | (~Q(licence_number="") & ~Q(licence_by="") & Q(licence_on__isnull=False)),
                name="hit_licence_is_named",
                violation_error_message=_("A licence has a number, a day and an authority."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome} for hit {self.hit_id}"
