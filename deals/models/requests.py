"""Requests to find a technology: an organisation asks people of an institution, or of all
institutions of an alliance, for help in its own words."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Alliance, Organisation
from deals import request_states as states
from deals.models.cases import MAX_NOTE, MAX_TITLE, Case
from listings.models import Listing
from marketplace.core import regions
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id

MAX_CONTACT = 200


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class LocatorState(models.TextChoices):
    OPEN = states.OPEN, pgettext_lazy("locator", "open")
    TAKEN = states.TAKEN, pgettext_lazy("locator", "being worked on")
    ANSWERED = states.ANSWERED, pgettext_lazy("locator", "answered")
    CLOSED = states.CLOSED, pgettext_lazy("locator", "closed")
    EXPIRED = states.EXPIRED, pgettext_lazy("locator", "expired")


class LocatorOutcome(models.TextChoices):
    """How it went, in the asker's words."""

    HELPED = "helped", _("it helped")
    NOT_HELPED = "not_helped", _("it did not help")
    NO_ANSWER = "no_answer", pgettext_lazy("locator", "no answer came")
    NOT_NEEDED = "not_needed", _("no longer needed")


class LocatorRequest(models.Model):
    """`state` has one door, deals.request_states. Read by the asker and those addressed alone.

    institution: whom it was addressed or passed on to, or who took it; empty while it waits for
    any institution of `alliance`. need and case: what was made of it; the case is known to the
    institution only.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    asker = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="locator_requests"
    )
    asked_by = _person()
    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    alliance = models.ForeignKey(
        Alliance, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    title = models.CharField(max_length=MAX_TITLE, validators=[plain_text])
    words = models.TextField(max_length=MAX_NOTE, validators=[plain_text])
    field = models.CharField(max_length=40, blank=True, validators=[KnownCode("fields")])
    region = models.CharField(max_length=6, blank=True, validators=[regions.validate])
    contact = models.CharField(max_length=MAX_CONTACT, blank=True, validators=[plain_text])
    answer_by = models.DateField(help_text=_("The day until which an answer is wanted."))
    state = models.CharField(max_length=10, choices=LocatorState.choices, default=states.OPEN)
    outcome = models.CharField(max_length=12, choices=LocatorOutcome.choices, blank=True)
    outcome_words = models.TextField(max_length=1000, blank=True, validators=[plain_text])
    taken_by = _person()
    closed_at = models.DateTimeField(null=True, blank=True)
    need = models.OneToOneField(
        Listing, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    case = models.OneToOneField(
        Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="locator_request"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(institution__isnull=False) | Q(alliance__isnull=False),
                name="locator_addressed",
                violation_error_message=_("A request is addressed to somebody."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[states.TAKEN, states.ANSWERED])
                | Q(institution__isnull=False),
                name="locator_taken_by_somebody",
                violation_error_message=_("A request is worked on by an institution."),
            ),
            models.CheckConstraint(
                condition=(Q(state=states.CLOSED, closed_at__isnull=False) & ~Q(outcome=""))
                | (~Q(state=states.CLOSED) & Q(outcome="", closed_at__isnull=True)),
                name="locator_outcome_when_closed",
                violation_error_message=_("A request has an outcome when closed."),
            ),
        ]
        indexes = [
            # my requests, and how many are open
            models.Index(fields=["asker", "-id"], name="locator_of_asker"),
            # the inbox, what is wanted first on top
            models.Index(fields=["institution", "state", "answer_by"], name="locator_inbox"),
            models.Index(fields=["alliance", "state", "answer_by"], name="locator_of_alliance"),
            # the clock
            models.Index(
                fields=["answer_by"],
                condition=Q(state__in=sorted(states.WAITS)),
                name="locator_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/requests/{self.public_id}/"


class LocatorAnswer(models.Model):
    """Words to the asker, and published listings to look at; never changed."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    request = models.ForeignKey(LocatorRequest, on_delete=models.PROTECT, related_name="answers")
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    author = _person()
    body = models.TextField(max_length=MAX_NOTE, validators=[plain_text])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["request", "id"], name="locator_answers"),
            # the service figures of an institution: what it answered first in a year
            models.Index(
                fields=["institution", "request", "created_at"], name="locator_answers_of_tti"
            ),
        ]


class LocatorSuggestion(models.Model):
    """A listing that an answer suggests; shown as far as the reader may see it."""

    answer = models.ForeignKey(LocatorAnswer, on_delete=models.CASCADE, related_name="suggestions")
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "listing"],
                name="locator_suggested_once",
                violation_error_message=_("This listing is suggested already."),
            )
        ]


class LocatorPass(models.Model):
    """From one institution of an alliance to another; `words` are for the receiving one alone."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    request = models.ForeignKey(LocatorRequest, on_delete=models.PROTECT, related_name="passes")
    giver = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = _person()
    words = models.TextField(max_length=1000, blank=True, validators=[plain_text])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["request", "id"], name="locator_passes")]
