"""Files that come in and go out: imports with their faults and remembered columns, exports."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from listings.models.listings import Kind
from listings.sources import MAX_NAME
from marketplace.core.bilingual import pick
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class Format(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel (XLSX)"
    JSONL = "jsonl", "JSONL"


class ImportRun(models.Model):
    """One file on its way in. `state` has one door: listings.actions.imports.

    The file is turned once into `rows`, a file of one JSON line a row (listings.imports.unpacking);
    checking and importing go through that one by `position`, in bytes, which is stored in the same
    transaction as the rows: a kill loses nothing and nothing is done twice. The upload itself is
    deleted as soon as it is read.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("being read")
        READ = "read", _("columns to be named")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        RUNNING = "running", _("being imported")
        DONE = "done", _("imported")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("could not be imported")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    owner = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=10, default="en")
    source = models.CharField(max_length=MAX_NAME, validators=[plain_text])
    kind = models.CharField(max_length=10, choices=Kind.choices)
    form = models.CharField(max_length=5, choices=Format.choices)
    name = models.CharField(max_length=200, help_text=_("The file's name as uploaded."))
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=200, blank=True)
    size = models.PositiveBigIntegerField()
    rows = models.FileField(upload_to="imports/%Y/%m/", max_length=200, blank=True)
    rows_size = models.PositiveBigIntegerField(default=0)
    columns = models.JSONField(default=list, help_text=_("Names with their first values."))
    encoding = models.CharField(max_length=20, blank=True)
    mapping = models.JSONField(default=dict)
    withdraw_missing = models.BooleanField(default=False)
    submit = models.BooleanField(default=True, help_text=_("Hand the rows in, not only draft."))
    # what follows by itself once the file is read: "" (a person names the columns), check or run
    proceed = models.CharField(max_length=5, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    # why it failed or was given up: see listings.imports.refusals.run_reason
    reason_code = models.CharField(max_length=40, blank=True)
    reason_about = models.JSONField(default=dict)
    is_dry = models.BooleanField(default=True, help_text=_("The counts are those of a check."))
    total = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    position = models.PositiveBigIntegerField(default=0, help_text=_("Bytes of `rows` dealt with."))
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    heartbeat = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(
        default=0, help_text=_("Turns in a row that broke or whose worker died.")
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # when what is stored of it goes away: what waits is given up, a report is forgotten
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "source", "kind"],
                condition=Q(state="running"),
                name="import_one_running",
                violation_error_message=_("This source is being imported already."),
            )
        ]
        indexes = [
            # the list of an organisation's imports
            models.Index(fields=["owner", "-id"], name="import_by_owner"),
            # forgetting old files
            models.Index(
                fields=["expires_at"], condition=Q(expires_at__isnull=False), name="import_expiry"
            ),
            # whose turn it is: an organisation's files at work
            models.Index(
                fields=["owner", "heartbeat"],
                condition=Q(state__in=("uploaded", "checking", "running")),
                name="import_at_work",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.public_id}"


class ImportFault(models.Model):
    """Why a row was refused: one line per column that is wrong."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="faults")
    line = models.PositiveIntegerField()
    external_id = models.CharField(max_length=120, blank=True)
    column = models.CharField(max_length=200, blank=True, help_text=_("As the file names it."))
    field = models.CharField(max_length=80, blank=True)
    # in both languages, since its readers may have another than the one who uploaded
    reason_en = models.CharField(max_length=500)
    reason_zh = models.CharField(max_length=500)

    class Meta:
        ordering = ["line", "id"]
        indexes = [models.Index(fields=["run", "line", "id"], name="import_fault_line")]

    @property
    def reason(self) -> str:
        """In the active language."""
        return pick(self, "reason", get_language()).value


class ImportedId(models.Model):
    """Ids that stood in the file so far: told twice is refused, not told at all may be withdrawn.
    Deleted when the run ends."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="ids")
    external_id = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "external_id"],
                name="imported_id_once",
                violation_error_message=_("This id stands twice in the file."),
            )
        ]


class ImportSource(models.Model):
    """How an organisation's file of a source was mapped last: offered again next time."""

    owner = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=MAX_NAME)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    mapping = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "source", "kind"],
                name="import_source_once",
                violation_error_message=_("This source is known already."),
            )
        ]


class ExportRun(models.Model):
    """A file on its way out, for the person who asked and nobody else.

    organisation_ids: where the person belonged when the file was made; whoever has left one of
    them since does not get it any more.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("being written")
        DONE = "done", pgettext_lazy("export", "ready")
        FAILED = "failed", _("could not be written")
        GONE = "gone", _("deleted after some days")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=10, default="en")
    own = models.BooleanField(default=False, help_text=_("Listings of one's organisations."))
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    query = models.TextField(max_length=4000, blank=True, help_text=_("Of the browse page."))
    form = models.CharField(max_length=5, choices=Format.choices)
    organisation_ids = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    file = models.FileField(upload_to="exports/%Y/%m/", max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    reason_code = models.CharField(max_length=40, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            # one's own exports
            models.Index(fields=["person", "-id"], name="export_by_person"),
            # forgetting old files
            models.Index(fields=["expires_at"], condition=Q(state="done"), name="export_expiry"),
        ]

    def __str__(self) -> str:
        return f"export {self.public_id}"

    @property
    def file_name(self) -> str:
        """As the browser saves it."""
        return f"yizhan-{self.kind or 'listings'}-{self.created_at:%Y%m%d}.{self.form}"
