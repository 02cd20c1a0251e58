"""A case: what one institution does for a client, under one docket number and one person."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from contracts.models import Contract
from deals import case_states as states
from deals.models.introductions import CloseReason, Introduction
from listings.models import Listing
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id
from matching.models import Match

MAX_TITLE = 200
MAX_NOTE = 4000
MAX_VALUE = 10**12  # in units of the currency, exclusive


class CaseState(models.TextChoices):
    OPEN = states.OPEN, pgettext_lazy("case", "open")
    DEFERRED = states.DEFERRED, pgettext_lazy("case", "deferred")
    CLOSED = states.CLOSED, pgettext_lazy("case", "closed")


class CaseOrigin(models.TextChoices):
    """disclosure and request (a locator's) are filled by what comes before a case."""

    BY_HAND = "by_hand", pgettext_lazy("case", "opened by hand")
    MATCH = "match", pgettext_lazy("case", "from a match")
    INTRODUCTION = "introduction", pgettext_lazy("case", "from an introduction")
    DISCLOSURE = "disclosure", pgettext_lazy("case", "from a disclosure")
    REQUEST = "request", pgettext_lazy("case", "from a request to find a technology")
    REFERRAL = "referral", pgettext_lazy("case", "from an alliance")
    IMPORT = "import", pgettext_lazy("case", "from a table of projects")


class CaseOutcome(models.TextChoices):
    WON = "won", pgettext_lazy("case", "won")
    LOST = "lost", pgettext_lazy("case", "lost")
    DECLINED = "declined", pgettext_lazy("case", "declined by us")
    REFERRED = "referred", pgettext_lazy("case", "given to another institution")


class CaseReason(models.TextChoices):
    """Why a case was closed. The first five are the reasons enterprises gave in the study, with the
    codes of CloseReason, so that figures add up."""

    NOT_WHAT_WE_LOOK_FOR = CloseReason.NOT_WHAT_WE_LOOK_FOR.value, _("not what we look for")
    IMMATURE = CloseReason.IMMATURE.value, _("not mature enough")
    TOO_DEAR = CloseReason.TOO_DEAR.value, _("too dear")
    CANNOT_COMMUNICATE = (
        CloseReason.CANNOT_COMMUNICATE.value, _("cannot communicate with the other side"),
    )  # fmt: skip
    FUNDS = CloseReason.FUNDS.value, _("no funds for it")
    TERMS = CloseReason.TERMS.value, _("no agreement on the terms")
    ALREADY_SOLVED = CloseReason.ALREADY_SOLVED.value, _("already solved")
    NO_ANSWER = CloseReason.NO_ANSWER.value, _("no answer")
    OUT_OF_SCOPE = "out_of_scope", _("not in our field")
    NO_CAPACITY = "no_capacity", _("no capacity to carry it")
    CONFLICT = "conflict", _("a conflict of interest")
    SIGNED = "signed", _("a contract was signed")
    FOUNDED = "founded", _("a company was founded")
    IN_USE = "in_use", _("taken into use without a contract")
    HANDED_OVER = "handed_over", _("handed over to a member of an alliance")
    TAKEN_BACK = "taken_back", _("taken back by the institution that referred it")
    OTHER = CloseReason.OTHER.value, _("another reason")


_R = CaseReason
_BARRIERS = (
    _R.NOT_WHAT_WE_LOOK_FOR, _R.IMMATURE, _R.TOO_DEAR, _R.CANNOT_COMMUNICATE, _R.FUNDS, _R.TERMS,
    _R.ALREADY_SOLVED, _R.NO_ANSWER,
)  # fmt: skip
# which reasons go with which outcome
REASONS: dict[str, tuple[CaseReason, ...]] = {
    CaseOutcome.WON.value: (_R.SIGNED, _R.FOUNDED, _R.IN_USE, _R.OTHER),
    CaseOutcome.LOST.value: (*_BARRIERS, _R.OTHER),
    CaseOutcome.DECLINED.value: (
        *_BARRIERS[:5], _R.OUT_OF_SCOPE, _R.NO_CAPACITY, _R.CONFLICT, _R.OTHER,
    ),
    CaseOutcome.REFERRED.value: (_R.HANDED_OVER, _R.TAKEN_BACK, _R.OTHER),
}  # fmt: skip


class DeferReason(models.TextChoices):
    DATA = "data", _("more data are needed")
    PROTECTION = "protection", _("waits for a patent decision")
    FUNDING = "funding", _("waits for funding")
    CLIENT = "client", _("the client asked to wait")
    MARKET = "market", _("the market is not ready")
    OTHER = CloseReason.OTHER.value, _("another reason")


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class Case(models.Model):
    """`state` and `stage` move in deals.actions.cases and case_endings alone; referral_cases and
    project_import_turns open cases, too. Internal to its institution: nothing of it is shown to a
    client, and nothing to operators."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cases")
    year = models.PositiveSmallIntegerField(editable=False)
    number = models.PositiveIntegerField(editable=False, help_text=_("Gap-free in its year."))
    title = models.CharField(max_length=MAX_TITLE, validators=[plain_text])
    origin = models.CharField(max_length=12, choices=CaseOrigin.choices, default=CaseOrigin.BY_HAND)
    match = models.ForeignKey(
        Match, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    introduction = models.ForeignKey(
        Introduction, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    contract = models.ForeignKey(
        Contract, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    responsible = _person()
    opened_by = _person()

    pipeline = models.CharField(max_length=30)
    stage = models.CharField(max_length=30)
    stage_since = models.DateTimeField(help_text=_("When it came to this stage."))
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.OPEN)
    deferred_until = models.DateField(null=True, blank=True)
    defer_reason = models.CharField(max_length=12, choices=DeferReason.choices, blank=True)
    outcome = models.CharField(max_length=10, choices=CaseOutcome.choices, blank=True)
    reason = models.CharField(max_length=24, choices=CaseReason.choices, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="CNY", validators=[KnownCode("currencies")])
    probability = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(0), MaxValueValidator(100)], help_text=_("Per cent.")
    )
    next_action = models.CharField(max_length=MAX_TITLE, blank=True, validators=[plain_text])
    next_action_on = models.DateField(null=True, blank=True)

    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year", "number"],
                name="case_docket_once",
                violation_error_message=_("This docket number is taken."),
            ),
            models.UniqueConstraint(
                fields=["organisation", "introduction"],
                condition=~Q(state=states.CLOSED) & Q(introduction__isnull=False),
                name="case_one_of_introduction",
                violation_error_message=_("A case of this introduction is open."),
            ),
            models.UniqueConstraint(
                fields=["organisation", "match"],
                condition=~Q(state=states.CLOSED) & Q(match__isnull=False),
                name="case_one_of_match",
                violation_error_message=_("A case of this match is open."),
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=0, value__lt=MAX_VALUE),
                name="case_value_in_range",
                violation_error_message=_("The value must lie between 0 and a trillion."),
            ),
            models.CheckConstraint(
                condition=Q(probability__lte=100),
                name="case_probability_in_range",
                violation_error_message=_("A probability is 0 to 100 per cent."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(state=states.CLOSED, closed_at__isnull=False)
                    & ~Q(outcome="")
                    & ~Q(reason="")
                )
                | (~Q(state=states.CLOSED) & Q(outcome="", reason="", closed_at__isnull=True)),
                name="case_outcome_when_closed",
                violation_error_message=_("A case has an outcome and a reason when closed."),
            ),
            models.CheckConstraint(
                condition=(Q(state=states.DEFERRED, deferred_until__isnull=False)
                           & ~Q(defer_reason=""))
                | (~Q(state=states.DEFERRED) & Q(deferred_until__isnull=True, defer_reason="")),
                name="case_date_when_deferred",
                violation_error_message=_("A case has a date and a reason when deferred."),
            ),
        ]  # fmt: skip
        indexes = [
            # the board: a column with its count, its sums and its first cards
            models.Index(fields=["organisation", "pipeline", "state", "stage"], name="case_board"),
            # the list, newest first
            models.Index(fields=["organisation", "-id"], name="case_of_tti"),
            # the service figures of an institution: what it closed in a year, its contracts
            models.Index(
                fields=["organisation", "closed_at"],
                condition=Q(closed_at__isnull=False),
                name="case_closed_of_tti",
            ),
            models.Index(
                fields=["organisation", "contract"],
                condition=Q(contract__isnull=False),
                name="case_with_contract",
            ),
            # my day: what is due of a person
            models.Index(
                fields=["responsible", "next_action_on"],
                condition=Q(state=states.OPEN),
                name="case_due",
            ),
            # the clock: which wake
            models.Index(
                fields=["deferred_until"], condition=Q(state=states.DEFERRED), name="case_wakes"
            ),
        ]

    def __str__(self) -> str:
        return self.docket

    def get_absolute_url(self) -> str:
        """The page's address, without the language or the host."""
        return f"/cases/{self.public_id}/"

    @property
    def docket(self) -> str:
        """Its number, as people say it: 2026-0042."""
        return f"{self.year}-{self.number:04d}"

    @property
    def is_live(self) -> bool:
        return self.state in states.LIVE


class CaseSequence(models.Model):
    """The last docket number of an institution and year. Locked by the opening transaction, so that
    an abandoned one leaves no gap."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year"],
                name="case_sequence_once",
                violation_error_message=_("This sequence exists."),
            )
        ]


class CaseClient(models.Model):
    """For whom: an organisation of the platform, or a typed name."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clients")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=160, blank=True, validators=[plain_text])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "organisation"],
                condition=Q(organisation__isnull=False),
                name="case_client_once",
                violation_error_message=_("This client is named already."),
            ),
            models.CheckConstraint(
                condition=(Q(organisation__isnull=True) & ~Q(name=""))
                | Q(organisation__isnull=False, name=""),
                name="case_client_is_somebody",
                violation_error_message=_("A client is an organisation or a name."),
            ),
        ]


class CaseListing(models.Model):
    """What it is about; shown as far as the reader may see it (listings.disclosure)."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="listings")
    # a draft may be deleted, and nobody but the institution knows that a case names it
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "listing"],
                name="case_listing_once",
                violation_error_message=_("This listing is there already."),
            )
        ]


class CaseContact(models.Model):
    """A person to talk to, as the institution noted it."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=80, validators=[plain_text])
    role = models.CharField(max_length=80, blank=True, validators=[plain_text])
    mail = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True, validators=[plain_text])


class CaseNote(models.Model):
    """An internal note; never changed, so that the timeline stays true."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    author = _person()
    body = models.TextField(max_length=MAX_NOTE, validators=[plain_text])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["case", "-id"], name="case_note_of_case")]


class AddedPipeline(models.Model):
    """A pipeline that an operator added: in the database, so that every process on every host has
    it. Written by deals.actions.pipelines alone, which has looked the document through."""

    code = models.CharField(max_length=30, unique=True)
    document = models.TextField(help_text=_("YAML as it was given."))
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.code
