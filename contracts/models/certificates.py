"""Certificates that were made, and the public keys that prove their seals. Both append-only."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts.models.contracts import Contract
from marketplace.core.codes.lists import KnownCode


class SealKey(models.Model):
    """The public half of a key that a registration point has sealed with. Never deleted: what it
    sealed is checked with it for ever."""

    point = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="seal_keys")
    point_code = models.CharField(max_length=6, validators=[RegexValidator(r"^\d{6}$")])
    key_id = models.CharField(max_length=16)
    public_pem = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # by point: whoever copies another point's file gets a key, and no right, of its own
            models.UniqueConstraint(
                fields=["point", "key_id"],
                name="seal_key_once",
                violation_error_message=_("This key is known."),
            )
        ]

    def __str__(self) -> str:
        return f"seal key {self.key_id}"


class Certificate(models.Model):
    """The certificate of one edition of a registered contract, as it was made for one state: the
    first says that it is registered, a later one that it is not any more."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="certificates")
    state = models.CharField(max_length=20, validators=[KnownCode("contract_states")])
    number = models.CharField(max_length=16)
    code = models.CharField(
        max_length=12, help_text=_("Verification code; the same on all certificates of an edition.")
    )
    file = models.FileField(upload_to="certificates/%Y/%m", max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, help_text=_("Of the file as it is handed out."))
    seal = models.JSONField(null=True, help_text=_("Empty when the point had no key."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "state"],
                name="certificate_once",
                violation_error_message=_("This certificate exists."),
            )
        ]
        indexes = [
            # the check by number and code
            models.Index(fields=["number", "code"], name="certificate_by_code"),
            # the check of a file
            models.Index(fields=["sha256"], name="certificate_by_hash"),
        ]

    def __str__(self) -> str:
        return f"certificate {self.number} {self.state}"
