"""What was given out of the register as open data, and the figures of institutions by year. All
else in this room is read from others."""

from decimal import Decimal

from django.db import models

from accounts.models import Organisation


class OpenDataEdition(models.Model):
    """The one set of files of a year. A new edition takes the place of the old one, whose files
    are deleted: what a party has closed since is given out no longer. One that cannot be renewed
    is withdrawn: its files go, its row stays without a folder."""

    year = models.PositiveSmallIntegerField(unique=True)
    edition = models.PositiveIntegerField(default=1)
    folder = models.CharField(max_length=100)  # empty: withdrawn
    manifest = models.JSONField(help_text="As it stands in manifest.json, for the page.")
    public_pem = models.TextField(help_text="Of the key that signed the manifest.")
    made_at = models.DateTimeField()
    looked_at = models.DateTimeField(help_text="When it was last compared with the register.")

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"open data {self.year}, edition {self.edition}"


class InstitutionEdition(models.Model):
    """The public figures of institutions of a year: made once (insights.institutions) and never
    changed, so that nobody reads an amount out of the difference of two."""

    year = models.PositiveSmallIntegerField(unique=True)
    made_on = models.DateField()

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"institutions {self.year}"


def _sum() -> "models.DecimalField[Decimal | int, Decimal]":
    return models.DecimalField(max_digits=22, decimal_places=2, default=0)


class InstitutionFigure(models.Model):
    """One figure of one institution in an edition; amounts are CNY. Not for the public, but of
    those that agreed to be named. tti_type, is_reported, is_named: as of the edition."""

    edition = models.ForeignKey(InstitutionEdition, on_delete=models.CASCADE, related_name="+")
    institution = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    tti_type = models.CharField(max_length=3)
    code = models.CharField(max_length=30, help_text="Of deals.service_figures.")
    counted = _sum()
    declared = _sum()
    is_reported = models.BooleanField(help_text="Whether the institution had submitted the year.")
    is_named = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "institution", "code"], name="institution_figure_once"
            )
        ]
        indexes = [
            # the institutions that are named
            models.Index(
                fields=["edition", "institution"],
                condition=models.Q(is_named=True),
                name="institution_named",
            ),
            # the middle one of a type
            models.Index(fields=["edition", "tti_type", "code"], name="institution_of_type"),
        ]


def _told() -> "models.DecimalField[Decimal | int | None, Decimal | None]":
    return models.DecimalField(max_digits=22, decimal_places=2, null=True)


class InstitutionCell(models.Model):
    """A public sum of an edition: of a type of institutions, or of all (withholding.TOTAL). Both
    are null where it is withheld: what is not told is not kept. The code `institutions` counts
    them: all, and declared those that reported."""

    edition = models.ForeignKey(InstitutionEdition, on_delete=models.CASCADE, related_name="cells")
    tti_type = models.CharField(max_length=5)
    code = models.CharField(max_length=30)
    counted = _told()
    declared = _told()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "tti_type", "code"], name="institution_cell_once"
            ),
            models.CheckConstraint(
                condition=models.Q(counted__isnull=True, declared__isnull=True)
                | models.Q(counted__isnull=False, declared__isnull=False),
                name="institution_cell_withheld",
            ),
        ]
