"""When a person was last in its inbox."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class InboxVisit(models.Model):
    """What came after `since` is new to the person; it stays so while one visit lasts."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    since = models.DateTimeField(
        null=True, blank=True, help_text=_("End of the visit before; empty during the first one.")
    )
    seen_at = models.DateTimeField(help_text=_("The latest look of the present visit."))

    def __str__(self) -> str:
        return f"visit of {self.person_id}"
