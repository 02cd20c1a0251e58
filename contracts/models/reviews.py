"""What was found in the text of a contract file: one row for a file's bytes and a rule set."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClauseReview(models.Model):
    """Quotes are as confidential as the file: shown to whoever may open it, forgotten with it.

    It knows no contract: what is missing depends on the type, which may still change, and is
    worked out when it is shown (contracts.queries.reviews).
    """

    class State(models.TextChoices):
        READ = "read", _("read")
        NO_TEXT = "no_text", _("no text")
        ENCRYPTED = "encrypted", _("encrypted")
        FAILED = "failed", _("could not be read")

    sha256 = models.CharField(max_length=64)
    rule_set = models.CharField(max_length=20)
    edition = models.CharField(max_length=12, help_text=_("Of the clause lists it was read with."))
    state = models.CharField(max_length=10, choices=State.choices)
    language = models.CharField(max_length=2, blank=True)
    unit = models.CharField(
        max_length=10, blank=True, help_text=_("What places count: page or paragraph.")
    )
    read = models.PositiveIntegerField(default=0, help_text=_("Pages or paragraphs read."))
    total = models.PositiveIntegerField(default=0, help_text=_("Pages or paragraphs there are."))
    contents = models.JSONField(default=list, help_text=_("Rows of code, place and quote."))
    lint = models.JSONField(default=list, help_text=_("Rows of code, place and quote."))
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "rule_set"],
                name="clause_review_once",
                violation_error_message=_("This file was read with these rules."),
            )
        ]

    def __str__(self) -> str:
        return f"review of {self.sha256[:12]} by {self.rule_set}"

    @property
    def is_cut(self) -> bool:
        """Whether the file goes on beyond what was read."""
        return self.read < self.total
