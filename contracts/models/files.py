"""Files of a contract: private, served only through the gate in contracts.views.files."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models.contracts import Contract
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id


class ContractFile(models.Model):
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(
        max_length=12, default="contract", validators=[KnownCode("contract_file_kinds")]
    )
    file = models.FileField(upload_to="contracts/%Y/%m", max_length=200)
    name = models.CharField(max_length=200, validators=[plain_text])
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "sha256"],
                name="contract_file_once",
                violation_error_message=_("This file is already attached."),
            )
        ]
        indexes = [
            # duplicate suspects: the same bytes at another contract
            models.Index(fields=["sha256"], name="contract_file_hash")
        ]

    def __str__(self) -> str:
        return f"file {self.public_id}"
