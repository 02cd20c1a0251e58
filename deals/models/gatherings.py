"""Technology fairs, trainings and roadshows of institutions, and who has a place."""

import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Alliance, Organisation
from deals import gathering_states as states
from deals.models.cases import MAX_TITLE
from marketplace.core import regions
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id

MAX_WORDS = 4000
MAX_PLACE = 300
MAX_CAPACITY = 100_000
MAX_HOURS = 200
MAX_REASON = 400


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class GatheringKind(models.TextChoices):
    FAIR = "fair", pgettext_lazy("gathering", "technology fair")
    TRAINING = "training", pgettext_lazy("gathering", "training")
    ROADSHOW = "roadshow", pgettext_lazy("gathering", "roadshow")
    OTHER = "other", pgettext_lazy("gathering", "other gathering")


class GatheringState(models.TextChoices):
    DRAFT = states.DRAFT, pgettext_lazy("gathering", "draft")
    PUBLISHED = states.PUBLISHED, pgettext_lazy("gathering", "published")
    HELD = states.HELD, pgettext_lazy("gathering", "held")
    CANCELLED = states.CANCELLED, pgettext_lazy("gathering", "cancelled")


class PlaceState(models.TextChoices):
    REGISTERED = "registered", pgettext_lazy("place", "registered")
    WAITING = "waiting", pgettext_lazy("place", "on the waiting list")
    CANCELLED = "cancelled", pgettext_lazy("place", "given back")


class Gathering(models.Model):
    """`state` has one door: deals.actions.gatherings, under the lock of this row.

    Drafts are the institution's. Published ones are everybody's, with `alliance` its members'.
    place: an address that everybody reads; online: how to join, for whoever has a place.
    capacity: places, None for no bound. hours: of continuing education, trainings only.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="gatherings"
    )
    alliance = models.ForeignKey(
        Alliance, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=GatheringKind.choices)
    state = models.CharField(
        max_length=10, choices=GatheringState.choices, default=GatheringState.DRAFT
    )
    title_en = models.CharField(max_length=MAX_TITLE, blank=True, validators=[plain_text])
    title_zh = models.CharField(max_length=MAX_TITLE, blank=True, validators=[plain_text])
    words_en = models.TextField(max_length=MAX_WORDS, blank=True, validators=[plain_text])
    words_zh = models.TextField(max_length=MAX_WORDS, blank=True, validators=[plain_text])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    register_until = models.DateTimeField()
    place = models.CharField(max_length=MAX_PLACE, blank=True, validators=[plain_text])
    online = models.CharField(max_length=MAX_PLACE, blank=True, validators=[plain_text])
    region = models.CharField(max_length=6, blank=True, validators=[regions.validate])
    capacity = models.PositiveIntegerField(
        null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_CAPACITY)],
    )  # fmt: skip
    hours = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(MAX_HOURS)],
    )  # fmt: skip
    reason = models.CharField(
        max_length=MAX_REASON, blank=True, validators=[plain_text],
        help_text=_("Of a cancellation."),
    )  # fmt: skip
    author = _person()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(title_en="") | ~Q(title_zh=""),
                name="gathering_has_title",
                violation_error_message=_("Give the title in English or Chinese."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="gathering_ends_after_start",
                violation_error_message=_("The end must be after the start."),
            ),
            models.CheckConstraint(
                condition=Q(register_until__lte=F("ends_at")),
                name="gathering_registers_before_end",
                violation_error_message=_("Registration must close before the end."),
            ),
            models.CheckConstraint(
                condition=Q(hours__isnull=True) | Q(kind=GatheringKind.TRAINING),
                name="gathering_hours_of_training",
                violation_error_message=_("Only trainings have hours."),
            ),
            models.CheckConstraint(
                condition=(Q(state=states.CANCELLED) & ~Q(reason=""))
                | (~Q(state=states.CANCELLED) & Q(reason="")),
                name="gathering_reason_when_cancelled",
                violation_error_message=_("A cancelled gathering has a reason."),
            ),
        ]
        indexes = [
            # the public lists: what comes, what was
            models.Index(fields=["state", "starts_at", "id"], name="gathering_by_time"),
            # the desk of an institution, and what it held in a year
            models.Index(fields=["institution", "-starts_at", "-id"], name="gathering_of_tti"),
        ]

    def __str__(self) -> str:
        return f"gathering {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/gatherings/{self.public_id}/"

    def phase(self, now: dt.datetime | None = None) -> str:
        """One of deals.gathering_states.PHASES."""
        return states.phase(
            self.state, starts_at=self.starts_at, ends_at=self.ends_at, now=now or timezone.now()
        )

    def is_open(self, now: dt.datetime | None = None) -> bool:
        """Whether registration has not closed, by the clock alone."""
        return (now or timezone.now()) <= self.register_until


class GatheringPlace(models.Model):
    """One of a person at a gathering; its name is read by the organising institution alone.

    organisation: for which it comes, if it said so. attended: None until somebody marked it.
    asked_at: the order of the waiting list.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    gathering = models.ForeignKey(Gathering, on_delete=models.CASCADE, related_name="places")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True,
        related_name="gathering_places",
    )  # fmt: skip
    organisation = models.ForeignKey(
        Organisation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=PlaceState.choices)
    asked_at = models.DateTimeField(default=timezone.now)
    attended = models.BooleanField(null=True, blank=True)
    marked_by = _person()
    marked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gathering", "person"],
                name="gathering_place_once",
                violation_error_message=_("This person has a place already."),
            ),
            models.CheckConstraint(
                condition=Q(attended__isnull=True, marked_at__isnull=True)
                | Q(
                    attended__isnull=False, marked_at__isnull=False,
                    state=PlaceState.REGISTERED,
                ),
                name="gathering_marked_registered",
                violation_error_message=_("Attendance is marked of registered people."),
            ),
        ]  # fmt: skip
        indexes = [
            # who has a place, who is next
            models.Index(fields=["gathering", "state", "asked_at"], name="gathering_places"),
        ]

    def __str__(self) -> str:
        return f"place {self.public_id}"
