"""Files of contracts that an organisation brought in, what came of each row, and which contract
belongs to which id at its source."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.models.contracts import Contract
from marketplace.core.bilingual import pick
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class ContractImport(models.Model):
    """One file on its way in. `state` has one door: contracts.actions.imports.

    The file is turned once into `rows` (listings.imports.taking_out); `position`, in bytes, is
    stored in the same transaction as the drafts of a batch: a kill loses nothing, and nothing is
    done twice.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("being read")
        RUNNING = "running", _("being imported")
        CHECKED = "checked", _("checked, not imported")
        DONE = "done", _("imported")
        CANCELLED = "cancelled", pgettext_lazy("contract import", "stopped")
        FAILED = "failed", _("could not be imported")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    owner = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=10, default="en")
    source = models.CharField(max_length=60, validators=[plain_text])
    form = models.CharField(max_length=5)
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=200, blank=True)
    rows = models.FileField(upload_to="imports/%Y/%m/", max_length=200, blank=True)
    unknown_columns = models.JSONField(default=list)
    is_dry = models.BooleanField(default=False, help_text=_("The rows are only checked."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    reason_code = models.CharField(max_length=40, blank=True)
    reason_about = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
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
            # the list of an organisation's imports
            models.Index(fields=["owner", "-id"], name="contract_import_by_owner"),
            # what the clock looks after
            models.Index(
                fields=["worked_at"],
                condition=models.Q(state__in=["uploaded", "running", "checked"]),
                name="contract_import_open",
            ),
        ]

    def __str__(self) -> str:
        return f"contract import {self.public_id}"

    @property
    def is_working(self) -> bool:
        return self.state in (self.State.UPLOADED, self.State.RUNNING)

    @property
    def has_ended(self) -> bool:
        return self.state in (self.State.DONE, self.State.CANCELLED, self.State.FAILED)

    @property
    def is_report_gone(self) -> bool:
        """Whether the rows were told long ago: `counts` are what is left of them."""
        return bool(self.counts)


class ImportedContract(models.Model):
    """The contract of an id at a source. version, sha256: as this import left it; a draft whose
    version has risen since was changed by a person and is left alone."""

    owner = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=120)
    contract = models.OneToOneField(Contract, on_delete=models.CASCADE, related_name="imported")
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, help_text=_("Of the row as canonical JSON."))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "source", "external_id"],
                name="imported_contract_once",
                violation_error_message=_("This id is known already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.external_id}"


class ContractImportRow(models.Model):
    """What came of one row; of a refused one why, in both languages, since its readers may have
    another than who uploaded it."""

    class Outcome(models.TextChoices):
        CREATED = "created", _("drafted")
        CHANGED = "changed", _("draft renewed")
        SAME = "same", _("unchanged")
        LEFT = "left", _("left alone")
        REFUSED = "refused", _("not taken")

    run = models.ForeignKey(ContractImport, on_delete=models.CASCADE, related_name="outcomes")
    line = models.PositiveIntegerField()
    external_id = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    contract = models.ForeignKey(
        Contract, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason_en = models.CharField(max_length=2000, blank=True)
    reason_zh = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ["line", "id"]
        indexes = [
            # the report of a run, all of it or by outcome
            models.Index(fields=["run", "outcome", "line"], name="contract_import_report"),
        ]

    def __str__(self) -> str:
        return f"row {self.line}: {self.outcome}"

    @property
    def reason(self) -> str:
        """In the active language."""
        return pick(self, "reason", get_language()).value
