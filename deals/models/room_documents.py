"""Documents of a deal room: versions, who opened which, withdrawal."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals.models.rooms import DealRoom, RoomSide
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class RoomTier(models.TextChoices):
    ROOM = "room", _("everybody in the room")
    NDA = "nda", _("only sides that accepted the agreement")


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class RoomDocument(models.Model):
    """What one side shows to the others; withdrawn, nobody but that side opens it any more.

    organisation: who was that side then; another broker who comes later is another one.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    room = models.ForeignKey(DealRoom, on_delete=models.CASCADE, related_name="documents")
    side = models.CharField(max_length=8, choices=RoomSide.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=4, choices=RoomTier.choices, default=RoomTier.NDA)
    title = models.CharField(max_length=200, validators=[plain_text])
    put_by = _person()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"room document {self.public_id}"


class RoomFile(models.Model):
    """One version of a document; the bytes are reached only through deals.room_files."""

    document = models.ForeignKey(RoomDocument, on_delete=models.CASCADE, related_name="files")
    number = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to="rooms/%Y/%m/", max_length=200)
    name = models.CharField(max_length=200, validators=[plain_text])
    media_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    put_by = _person()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="room_file_number"),
            models.UniqueConstraint(
                fields=["document", "sha256"],
                name="room_file_once",
                violation_error_message=_("This file is already attached."),
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.document_id}"


class RoomOpening(models.Model):
    """Somebody opened a version. Append-only; read by the side that put the document."""

    file = models.ForeignKey(RoomFile, on_delete=models.CASCADE, related_name="openings")
    side = models.CharField(max_length=8, choices=RoomSide.choices)
    user = _person()
    is_marked = models.BooleanField(
        default=False, help_text=_("The reader’s name and time were put on its pages.")
    )
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(side=""), name="room_opening_of_a_side")]

    def __str__(self) -> str:
        return f"opening of {self.file_id}"
