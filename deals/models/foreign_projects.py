"""Projects from abroad: what is known of one beside its case, and the tables they came in by."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from deals.models.cases import MAX_TITLE, Case
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id
from marketplace.core.regions import validate_country

MAX_REFERENCE = 60
MAX_KEY = 3 * MAX_REFERENCE  # a letter without its case may be three
MAX_SUMMARY = 2000
MAX_NAME = 160


class ForeignProject(models.Model):
    """What an institution noted of a project from abroad; internal to it like its case. Written
    once, by deals.actions.project_imports: what people change is the case."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="project")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=MAX_REFERENCE, validators=[plain_text])
    key = models.CharField(max_length=MAX_KEY, help_text=_("The reference in small letters."))
    other_title = models.CharField(max_length=MAX_TITLE, blank=True, validators=[plain_text])
    owner_name = models.CharField(max_length=MAX_NAME, blank=True, validators=[plain_text])
    country = models.CharField(max_length=2, blank=True, validators=[validate_country])
    field = models.CharField(max_length=40, blank=True, validators=[KnownCode("fields")])
    trl = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    summary = models.TextField(max_length=MAX_SUMMARY, blank=True, validators=[plain_text])
    programme = models.CharField(max_length=MAX_NAME, blank=True, validators=[plain_text])
    website = models.URLField(
        max_length=300, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "key"],
                name="foreign_project_once",
                violation_error_message=_("A project of this reference is there already."),
            ),
            models.CheckConstraint(
                condition=Q(trl__isnull=True) | Q(trl__range=(1, 9)),
                name="foreign_project_trl",
                violation_error_message=_("A technology readiness level is 1 to 9."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ProjectImport(models.Model):
    """One table on its way in. `state` has one door: deals.actions.project_imports.

    The file is turned once into `rows` (listings.imports.taking_out) and checked row by row into
    ProjectImportRow; cases are opened from those alone. What is done of a batch is stored in the
    same transaction as its cases: a kill loses nothing, and nothing is done twice.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", pgettext_lazy("project import", "being read")
        CHECKING = "checking", pgettext_lazy("project import", "being checked")
        CHECKED = "checked", pgettext_lazy("project import", "waits for your word")
        RUNNING = "running", pgettext_lazy("project import", "cases being opened")
        DONE = "done", pgettext_lazy("project import", "imported")
        CANCELLED = "cancelled", pgettext_lazy("project import", "stopped")
        FAILED = "failed", pgettext_lazy("project import", "could not be imported")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    owner = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=10, default="en")
    form = models.CharField(max_length=5)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=200, blank=True)
    rows = models.FileField(upload_to="imports/%Y/%m/", max_length=200, blank=True)
    unknown_columns = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    reason_code = models.CharField(max_length=40, blank=True)
    reason_about = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(
        default=0, help_text=_("Rows that were checked, then rows that were dealt with.")
    )
    position = models.PositiveBigIntegerField(default=0, help_text=_("Bytes of `rows` dealt with."))
    created_at = models.DateTimeField(auto_now_add=True)
    worked_at = models.DateTimeField(default=timezone.now, help_text=_("The last step forward."))
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(
        default=dict, blank=True,
        help_text=_("Rows by outcome, kept when the report of the rows is deleted."),
    )  # fmt: skip

    class Meta:
        ordering = ["-id"]
        indexes = [
            # the list of an institution's imports
            models.Index(fields=["owner", "-id"], name="project_import_by_owner"),
            # what the clock looks after
            models.Index(
                fields=["worked_at"],
                condition=Q(state__in=["uploaded", "checking", "checked", "running"]),
                name="project_import_open",
            ),
            # files whose days are over
            models.Index(
                fields=["created_at"], condition=~Q(file=""), name="project_import_file"
            ),
            # reports whose days are over
            models.Index(
                fields=["finished_at"], condition=Q(counts={}), name="project_import_report_age"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"project import {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/cases/projects/import/{self.public_id}/"

    @property
    def is_working(self) -> bool:
        return self.state in (self.State.UPLOADED, self.State.CHECKING, self.State.RUNNING)

    @property
    def has_ended(self) -> bool:
        return self.state in (self.State.DONE, self.State.CANCELLED, self.State.FAILED)

    @property
    def is_report_gone(self) -> bool:
        """Whether the rows were told long ago: `counts` are what is left of them."""
        return bool(self.counts)


class ProjectImportRow(models.Model):
    """What would come of one row, then what came of it. Faults are in both languages, since their
    readers may have another than who uploaded the table."""

    class Outcome(models.TextChoices):
        NEW = "new", pgettext_lazy("project import", "a case would be opened")
        OPENED = "opened", pgettext_lazy("project import", "case opened")
        THERE = "there", pgettext_lazy("project import", "already there")
        REFUSED = "refused", pgettext_lazy("project import", "not taken")

    run = models.ForeignKey(ProjectImport, on_delete=models.CASCADE, related_name="outcomes")
    line = models.PositiveIntegerField()
    reference = models.CharField(max_length=MAX_REFERENCE, blank=True)
    key = models.CharField(max_length=MAX_KEY, blank=True)
    title = models.CharField(max_length=MAX_TITLE, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    case = models.ForeignKey(
        Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    facts = models.JSONField(default=dict, help_text=_("Of the project, until its case is opened."))
    faults = models.JSONField(default=list, help_text=_("Columns with what is wrong there."))

    class Meta:
        ordering = ["line", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "line"],
                name="project_import_row_once",
                violation_error_message=_("This row is there already."),
            )
        ]
        indexes = [
            # the report of a run, all of it or by outcome; what is still to be opened
            models.Index(fields=["run", "outcome", "line"], name="project_import_report"),
            # a reference that stands twice in a table
            models.Index(fields=["run", "key"], name="project_import_key"),
        ]

    def __str__(self) -> str:
        return f"row {self.line}: {self.outcome}"
