"""Documents of a listing; the bytes are reached only through listings.views.documents."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from listings.models.listings import Listing, Tier
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class Document(models.Model):
    class TextState(models.TextChoices):
        WAITING = "waiting", _("text not read yet")
        READ = "read", _("text read")
        NONE = "none", _("no text in it")
        FAILED = "failed", _("text could not be read")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="documents")
    tier = models.CharField(max_length=12, choices=Tier.choices, default=Tier.MEMBERS)
    title = models.CharField(max_length=200, validators=[plain_text])
    name = models.CharField(max_length=200, help_text=_("The file's name as uploaded."))
    file = models.FileField(upload_to="documents/%Y/%m/", max_length=200)
    media_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    text_state = models.CharField(
        max_length=8, choices=TextState.choices, default=TextState.WAITING
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "sha256"],
                name="document_once_per_listing",
                violation_error_message=_("This file is already attached."),
            )
        ]
