"""Who may answer matches for whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from marketplace.core.public_id import new_public_id


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class Mandate(models.Model):
    """An organisation lets the brokers of a transfer institution answer matches on its behalf.

    Rows are kept after the withdrawal. One door: matching.actions.mandates.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="given_mandates"
    )
    institution = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="held_mandates"
    )
    given_by = _person()
    given_at = models.DateTimeField(auto_now_add=True)
    withdrawn_by = _person()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "institution"],
                condition=Q(withdrawn_at__isnull=True),
                name="mandate_one_in_force",
                violation_error_message=_("This institution may already answer for you."),
            ),
            models.CheckConstraint(
                condition=~Q(organisation=F("institution")),
                name="mandate_of_another",
                violation_error_message=_("An institution answers its own matches anyway."),
            ),
        ]
        indexes = [
            # the clients of an institution
            models.Index(
                fields=["institution", "organisation"],
                condition=Q(withdrawn_at__isnull=True),
                name="mandate_clients",
            )
        ]

    def __str__(self) -> str:
        return f"mandate {self.public_id}"

    @property
    def is_in_force(self) -> bool:
        return self.withdrawn_at is None
