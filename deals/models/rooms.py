"""A deal room: two parties, perhaps a broker, and the people they let in."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from contracts.models import Contract
from deals import room_states as states
from deals.models.introductions import Introduction
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id

MAX_MESSAGE = 4000


class RoomSide(models.TextChoices):
    SUPPLIER = states.SUPPLIER, _("supplier side")
    TAKER = states.TAKER, _("taker side")
    BROKER = states.BROKER, pgettext_lazy("side", "broker")


class Right(models.TextChoices):
    """Each includes those before it."""

    READ = states.READ, pgettext_lazy("right", "read")
    WRITE = states.WRITE, pgettext_lazy("right", "write")
    SIGN = states.SIGN, pgettext_lazy("right", "sign")


class RoomState(models.TextChoices):
    OPEN = states.OPEN, pgettext_lazy("room", "open")
    AGREED = states.AGREED, pgettext_lazy("room", "offer accepted")
    CLOSED = states.CLOSED, pgettext_lazy("room", "closed")


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class DealRoom(models.Model):
    """`state` has one door: deals.actions.rooms and term_sheets, under the lock of this row.

    Who is inside is decided by deals.queries.rooms: owners of the organisations, the broker who
    carries it, and people with a seat.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    introduction = models.OneToOneField(
        Introduction, on_delete=models.PROTECT, null=True, blank=True, related_name="room"
    )
    title = models.CharField(max_length=200, validators=[plain_text])
    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    broker_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    broker = _person()
    state = models.CharField(max_length=8, choices=RoomState.choices, default=RoomState.OPEN)
    opened_by = _person()
    nda_version = models.CharField(max_length=20)
    contract = models.ForeignKey(
        Contract, on_delete=models.SET_NULL, null=True, blank=True, related_name="rooms"
    )
    last_message = models.BigIntegerField(
        default=0, help_text=_("Number of its newest message: what polling reads.")
    )
    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(supplier=F("taker")),
                name="room_two_parties",
                violation_error_message=_("A room has two different parties."),
            ),
            models.CheckConstraint(
                condition=Q(broker_organisation__isnull=True)
                | (~Q(broker_organisation=F("supplier")) & ~Q(broker_organisation=F("taker"))),
                name="room_broker_is_no_party",
                violation_error_message=_("A broker’s institution is no party of the room."),
            ),
        ]
        indexes = [
            # "my rooms" of an owner, one index for each way of taking part
            models.Index(fields=["supplier", "-id"], name="room_of_supplier"),
            models.Index(fields=["taker", "-id"], name="room_of_taker"),
            models.Index(
                fields=["broker_organisation", "-id"],
                condition=Q(broker_organisation__isnull=False),
                name="room_of_broker",
            ),
        ]

    def __str__(self) -> str:
        return f"room {self.public_id}"

    def get_absolute_url(self) -> str:
        """The page's address, without the language or the host."""
        return f"/rooms/{self.public_id}/"

    def organisation_id_of(self, side: str) -> int | None:
        """Whose side it is; None for a broker's side that nobody takes."""
        return {
            states.SUPPLIER: self.supplier_id,
            states.TAKER: self.taker_id,
            states.BROKER: self.broker_organisation_id,
        }[side]

    def house_id(self, side: str) -> int:
        """The same for a side that somebody takes."""
        found = self.organisation_id_of(side)
        assert found is not None, f"{self} has no {side}"
        return found

    def organisation_of(self, side: str) -> Organisation | None:
        return {
            states.SUPPLIER: self.supplier,
            states.TAKER: self.taker,
            states.BROKER: self.broker_organisation,
        }[side]

    @property
    def present_state(self) -> str:
        """Open talks end with their introduction; what was agreed goes on."""
        over = self.introduction is not None and not self.introduction.is_live
        return states.CLOSED if over and self.state == states.OPEN else self.state

    @property
    def present_state_label(self) -> str:
        return str(RoomState(self.present_state).label)

    @property
    def sides(self) -> list[str]:
        """The sides that somebody takes."""
        return [side for side in states.SIDES if self.organisation_id_of(side) is not None]


class RoomSeat(models.Model):
    """A person's right in one room, given by its own side; never deleted, ended."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    room = models.ForeignKey(DealRoom, on_delete=models.CASCADE, related_name="seats")
    side = models.CharField(max_length=8, choices=RoomSide.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="room_seats"
    )
    right = models.CharField(max_length=5, choices=Right.choices)
    given_by = _person()
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = _person()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["room", "user"],
                condition=Q(ended_at__isnull=True),
                name="room_seat_once",
                violation_error_message=_("This person is already in the room."),
            )
        ]
        indexes = [
            # the rooms of a person
            models.Index(
                fields=["user", "room"], condition=Q(ended_at__isnull=True), name="room_seat_of"
            )
        ]

    def __str__(self) -> str:
        return f"seat {self.public_id}"


class RoomAcceptance(models.Model):
    """One side accepted one text of the agreement, where no introduction keeps it."""

    room = models.ForeignKey(DealRoom, on_delete=models.CASCADE, related_name="acceptances")
    side = models.CharField(max_length=8, choices=RoomSide.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    nda_version = models.CharField(max_length=20)
    text_hash = models.CharField(max_length=64)
    accepted_by = _person()
    name = models.CharField(max_length=80, validators=[plain_text])
    accepted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["room", "side", "organisation", "text_hash"],
                name="room_nda_accepted_once",
                violation_error_message=_("Your side has already accepted this agreement."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.side} accepted {self.nda_version}"


class RoomMessage(models.Model):
    """Plain text, read by everybody in the room; never changed. `number` counts in its room."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    room = models.ForeignKey(DealRoom, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveIntegerField()
    side = models.CharField(max_length=8, choices=RoomSide.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    sender = _person()
    body = models.TextField(max_length=MAX_MESSAGE, validators=[plain_text])
    document = models.ForeignKey(
        "deals.RoomDocument", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            # also the index of the thread and of what is newer than a number
            models.UniqueConstraint(fields=["room", "number"], name="room_message_number")
        ]

    def __str__(self) -> str:
        return f"message {self.public_id}"
