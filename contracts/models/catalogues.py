"""Catalogues of technologies whose export or import is controlled, as an operator loads them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from marketplace.core.public_id import new_public_id


class Catalogue(models.Model):
    """One edition of a catalogue: dated data, never changed. A later edition of the same code ends
    it (`valid_to`), or takes its place when it begins on the same day (`replaced_at`); both stay,
    since decisions name their entries. Written by contracts.actions.catalogues alone."""

    class Direction(models.TextChoices):
        EXPORT = "export", pgettext_lazy("technology", "export")
        IMPORT = "import", pgettext_lazy("technology", "import")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    code = models.CharField(max_length=40)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200)
    source_en = models.CharField(max_length=300, help_text=_("The authority and its document."))
    source_zh = models.CharField(max_length=300)
    direction = models.CharField(max_length=6, choices=Direction.choices)
    is_sample = models.BooleanField(default=False, help_text=_("Invented, no law."))
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text=_("The last day."))
    replaced_at = models.DateTimeField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, help_text=_("Of what it says as canonical JSON."))
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["direction", "code", "-valid_from", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"],
                condition=Q(replaced_at__isnull=True),
                name="catalogue_edition_once",
                violation_error_message=_("This edition of the catalogue exists."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="catalogue_validity_range",
                violation_error_message=_("The catalogue ends before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.valid_from}"


class CatalogueEntry(models.Model):
    """One controlled technology. fields: codes of fields or sub-fields of ours, which may be
    empty; terms: what names it in a text, in either language."""

    class Kind(models.TextChoices):
        PROHIBITED = "prohibited", _("prohibited")
        RESTRICTED = "restricted", _("restricted")

    catalogue = models.ForeignKey(Catalogue, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name_en = models.CharField(max_length=300)
    name_zh = models.CharField(max_length=300)
    points_en = models.TextField(blank=True, help_text=_("Control points."))
    points_zh = models.TextField(blank=True)
    fields = ArrayField(models.CharField(max_length=40), default=list)
    terms = ArrayField(models.CharField(max_length=100), default=list)
    sha256 = models.CharField(
        max_length=64,
        help_text=_(
            "Of catalogue code and content: the same entry in a later edition has it, too."
        ),
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["catalogue", "code"],
                name="catalogue_entry_once",
                violation_error_message=_("This code stands twice in the catalogue."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.kind})"
