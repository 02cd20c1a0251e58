"""An introduction: a need and a technology whose owners talk to each other."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from contracts.models import Contract
from deals import states
from listings.models import Listing
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id
from matching.models import Match

MAX_CLOSING_WORDS = 1000


class Side(models.TextChoices):
    """Whom somebody speaks for. NEED and TECHNOLOGY are the parties."""

    NEED = "need", _("need side")
    TECHNOLOGY = "technology", _("technology side")
    BROKER = "broker", pgettext_lazy("side", "broker")


class State(models.TextChoices):
    OPEN = states.OPEN, _("opened")
    WITH_BROKER = states.WITH_BROKER, _("with a broker")
    IN_TALKS = states.IN_TALKS, _("in talks")
    CLOSED = states.CLOSED, _("closed")


class Origin(models.TextChoices):
    BOTH_INTERESTED = "both_interested", _("both sides were interested")
    BY_HAND = "by_hand", _("one side asked")
    UNNAMED = "unnamed", _("one side asked without its name")
    BY_BROKER = "by_broker", _("a broker brought the pair together")


class Outcome(models.TextChoices):
    AGREED = "agreed", _("agreed")
    NOT_AGREED = "not_agreed", _("not agreed")
    LAPSED = "lapsed", _("came to nothing")


class CloseReason(models.TextChoices):
    """Why there was no agreement. The first five are the reasons enterprises gave in the study."""

    NOT_WHAT_WE_LOOK_FOR = "not_what_we_look_for", _("not what we look for")
    IMMATURE = "immature", _("not mature enough")
    TOO_DEAR = "too_dear", _("too dear")
    CANNOT_COMMUNICATE = "cannot_communicate", _("cannot communicate with the other side")
    FUNDS = "funds", _("no funds for it")
    TERMS = "terms", _("no agreement on the terms")
    ALREADY_SOLVED = "already_solved", _("already solved")
    NO_ANSWER = "no_answer", _("no answer")
    OTHER = "other", _("another reason")


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class Introduction(models.Model):
    """`state` has one door: deals.actions. What a reader sees of the pair is built by
    deals.queries.pairs, since either listing may be confidential or anonymous."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    need = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="need_introductions")
    technology = models.ForeignKey(
        Listing, on_delete=models.PROTECT, related_name="technology_introductions"
    )
    # The owners at the opening, so that "my introductions" reads one index each.
    need_party = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    technology_party = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    match = models.ForeignKey(
        Match, on_delete=models.SET_NULL, null=True, blank=True, related_name="introductions"
    )
    origin = models.CharField(max_length=16, choices=Origin.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    opened_by = _person()

    broker = _person()
    broker_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    broker_asked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when a broker is wanted; empty when none is.")
    )
    broker_asked_side = models.CharField(max_length=10, choices=Side.choices, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)

    nda_version = models.CharField(
        max_length=20, help_text=_("Of the agreement that the parties are asked to accept.")
    )
    contract = models.ForeignKey(
        Contract, on_delete=models.SET_NULL, null=True, blank=True, related_name="introductions"
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=24, choices=CloseReason.choices, blank=True)
    closing_words = models.CharField(
        max_length=MAX_CLOSING_WORDS, blank=True, validators=[plain_text]
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = _person()

    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["need", "technology"],
                condition=~Q(state=states.CLOSED),
                name="introduction_one_open",
                violation_error_message=_("An introduction of this pair is already open."),
            ),
            models.CheckConstraint(
                condition=~Q(need_party=F("technology_party")),
                name="introduction_two_parties",
                violation_error_message=_("Both listings belong to the same organisation."),
            ),
            models.CheckConstraint(
                condition=Q(
                    state=states.CLOSED, outcome__in=Outcome.values, closed_at__isnull=False
                )
                | (~Q(state=states.CLOSED) & Q(outcome="", reason="", closed_at__isnull=True)),
                name="introduction_outcome_when_closed",
                violation_error_message=_("An introduction has an outcome exactly when closed."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.NOT_AGREED) | ~Q(reason=""),
                name="introduction_reason_when_not_agreed",
                violation_error_message=_("Say why there was no agreement."),
            ),
            models.CheckConstraint(
                condition=Q(broker_organisation__isnull=True, claimed_at__isnull=True)
                | Q(broker_organisation__isnull=False, claimed_at__isnull=False),
                name="introduction_broker_of_somebody",
                violation_error_message=_("A broker acts for an institution."),
            ),
            models.CheckConstraint(
                condition=~Q(state=states.WITH_BROKER) | Q(broker_organisation__isnull=False),
                name="introduction_with_broker",
                violation_error_message=_("Nobody has taken it up yet."),
            ),
        ]
        indexes = [
            # "my introductions", one index for each way of taking part
            models.Index(fields=["need_party", "-id"], name="introduction_of_need"),
            models.Index(fields=["technology_party", "-id"], name="introduction_of_technology"),
            models.Index(
                fields=["broker_organisation", "-id"],
                condition=Q(broker_organisation__isnull=False),
                name="introduction_of_broker",
            ),
            # the brokers' desk: who waits longest
            models.Index(
                fields=["broker_asked_at"],
                condition=Q(broker_asked_at__isnull=False, broker_organisation__isnull=True)
                & ~Q(state=states.CLOSED),
                name="introduction_wants_broker",
            ),
            # figures of a year
            models.Index(fields=["created_at"], name="introduction_by_date"),
        ]

    def __str__(self) -> str:
        return f"introduction {self.public_id}"

    def get_absolute_url(self) -> str:
        """The page's address, without the language or the host."""
        return f"/introductions/{self.public_id}/"

    @property
    def is_live(self) -> bool:
        return self.state in states.LIVE

    @property
    def wants_broker(self) -> bool:
        """Asked for, and nobody has taken it up."""
        return (
            self.is_live
            and self.broker_asked_at is not None
            and self.broker_organisation_id is None
        )

    def party_id(self, side: str) -> int | None:
        """The organisation of a side; of the broker's side None while nobody took it up."""
        if side == Side.BROKER:
            return self.broker_organisation_id
        return self.need_party_id if side == Side.NEED else self.technology_party_id

    def organisation_id_of(self, side: str) -> int:
        """The same for a side that takes part."""
        found = self.party_id(side)
        assert found is not None, f"{self} has no {side}"
        return found

    def listing_of(self, side: str) -> Listing:
        """The listing of a party."""
        return self.need if side == Side.NEED else self.technology


def other_party(side: str) -> str:
    """The party across the table."""
    return Side.TECHNOLOGY.value if side == Side.NEED else Side.NEED.value
