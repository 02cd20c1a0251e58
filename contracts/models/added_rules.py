"""Rule sets that an operator added, and ends that it set."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AddedRuleSet(models.Model):
    """One row a code: a document of its own, or only an end for one that is shipped.

    In the database and not in a folder, so that every process on every host has it at once and a
    backup holds the rules that its contracts were judged by. Written by
    contracts.actions.rule_sets alone, which has looked the document through.
    """

    code = models.CharField(max_length=20, unique=True)
    document = models.TextField(
        blank=True, help_text=_("YAML as it was given; empty: the shipped one, ended.")
    )
    ends_on = models.DateField(
        null=True, blank=True, help_text=_("The last day; wins over the document's.")
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(document="") | models.Q(ends_on__isnull=False),
                name="added_rules_say_something",
                violation_error_message=_("A row holds a document or an end."),
            )
        ]

    def __str__(self) -> str:
        return self.code
