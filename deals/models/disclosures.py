"""What researchers disclose to an institution: inventions that their inventors sign for, and other
ways by which knowledge went out, which are only recorded."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation
from deals import disclosure_states as states
from deals.models.cases import MAX_TITLE, Case
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id

MAX_TEXT = 8000
MAX_SHORT = 2000


class DisclosureState(models.TextChoices):
    DRAFT = states.DRAFT, pgettext_lazy("disclosure", "draft")
    SIGNING = states.SIGNING, pgettext_lazy("disclosure", "waits for signatures")
    SUBMITTED = states.SUBMITTED, pgettext_lazy("disclosure", "submitted")
    ACCEPTED = states.ACCEPTED, pgettext_lazy("disclosure", "accepted")
    RETURNED = states.RETURNED, pgettext_lazy("disclosure", "returned with remarks")
    DECLINED = states.DECLINED, pgettext_lazy("disclosure", "declined")


class DisclosureReason(models.TextChoices):
    """Why an institution does not take an invention up."""

    NOT_NEW = "not_new", _("not new")
    NO_MARKET = "no_market", _("no market in sight")
    TOO_EARLY = "too_early", _("too early to judge")
    NOT_OURS = "not_ours", _("the rights are not ours to use")
    OUT_OF_SCOPE = "out_of_scope", _("not in our field")
    NO_CAPACITY = "no_capacity", _("no capacity to carry it")
    OTHER = "other", _("another reason")


def _text(limit: int) -> "models.TextField[str, str]":
    return models.TextField(
        max_length=limit, blank=True, validators=[plain_text, MaxLengthValidator(limit)]
    )


class Disclosure(models.Model):
    """An invention. `state` has one door, deals.actions. Read by its author, by its inventors once
    they are asked to sign, and from its submission by the institution; by nobody else, operators
    included."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="disclosures"
    )
    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True,
        related_name="disclosures",
    )  # fmt: skip
    title_en = models.CharField(max_length=MAX_TITLE, blank=True, validators=[plain_text])
    title_zh = models.CharField(max_length=MAX_TITLE, blank=True, validators=[plain_text])
    description_en = _text(MAX_TEXT)
    description_zh = _text(MAX_TEXT)
    prior_art = _text(MAX_SHORT)
    interested_firms = _text(MAX_SHORT)
    trl = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    funder = models.CharField(max_length=MAX_TITLE, blank=True, validators=[plain_text])
    grant_number = models.CharField(max_length=80, blank=True, validators=[plain_text])
    funder_may_claim = models.BooleanField(
        default=False, help_text=_("The funder may claim ownership.")
    )
    conceived_on = models.DateField(null=True, blank=True)
    published_on = models.DateField(
        null=True, blank=True, help_text=_("First publication, past or planned.")
    )

    state = models.CharField(
        max_length=10, choices=DisclosureState.choices, default=DisclosureState.DRAFT
    )
    links_sent = models.PositiveSmallIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    remarks = _text(MAX_SHORT)
    reason = models.CharField(max_length=16, choices=DisclosureReason.choices, blank=True)
    case = models.OneToOneField(
        Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="disclosure"
    )
    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(trl__isnull=True) | Q(trl__gte=1, trl__lte=9),
                name="disclosure_trl",
                violation_error_message=_("A readiness level is 1 to 9."),
            ),
            models.CheckConstraint(
                condition=~Q(state=states.DECLINED) | ~Q(reason=""),
                name="disclosure_reason_when_declined",
                violation_error_message=_("Say why it is declined."),
            ),
            models.CheckConstraint(
                condition=Q(state=states.DRAFT) | Q(institution__isnull=False),
                name="disclosure_has_institution",
                violation_error_message=_("Choose the institution it goes to."),
            ),
        ]
        indexes = [
            # my disclosures, newest first
            models.Index(fields=["author", "-id"], name="disclosure_of_author"),
            # the inbox of an institution, newest first
            models.Index(fields=["institution", "state", "-id"], name="disclosure_inbox"),
        ]

    def __str__(self) -> str:
        return self.public_id

    def get_absolute_url(self) -> str:
        """The page's address, without the language or the host."""
        return f"/disclosures/{self.public_id}/"


class DisclosureInventor(models.Model):
    """An inventor with its part and its signature: name and time over the hash of the content. The
    secret of the link is stored as a hash and goes when it is used, or when anything changes."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    disclosure = models.ForeignKey(Disclosure, on_delete=models.CASCADE, related_name="inventors")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=120, validators=[plain_text])
    email = models.EmailField(max_length=254, help_text=_("In small letters."))
    affiliation = models.CharField(max_length=160, blank=True, validators=[plain_text])
    share = models.DecimalField(
        max_digits=5, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("Per cent."),
    )  # fmt: skip
    link_digest = models.CharField(max_length=64, blank=True)
    link_sent_at = models.DateTimeField(null=True, blank=True)
    link_expires_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_name = models.CharField(max_length=120, blank=True)
    signed_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["disclosure", "email"],
                name="disclosure_inventor_once",
                violation_error_message=_("This address is named already."),
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=100),
                name="disclosure_inventor_share",
                violation_error_message=_("A part lies above 0 and up to 100 percent."),
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, signed_digest="", signed_name="")
                | (Q(signed_at__isnull=False) & ~Q(signed_digest="") & ~Q(signed_name="")),
                name="disclosure_signature_whole",
                violation_error_message=_("A signature has a name, a time and a content."),
            ),
            # also how a link finds its inventor
            models.UniqueConstraint(
                fields=["link_digest"],
                condition=~Q(link_digest=""),
                name="disclosure_link_once",
                violation_error_message=_("This link exists."),
            ),
        ]
        indexes = [
            # disclosures that a person is to sign or has signed, by its confirmed addresses
            models.Index(fields=["email"], name="disclosure_inventor_mail"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Route(models.TextChoices):
    CONSULTING = "consulting", pgettext_lazy("route", "consulting")
    PUBLICATION = "publication", pgettext_lazy("route", "publication")
    MEETING = "meeting", pgettext_lazy("route", "meeting or talk")
    STAFF_EXCHANGE = "staff_exchange", pgettext_lazy("route", "exchange of staff")
    TRAINING = "training", pgettext_lazy("route", "training")
    OTHER = "other", pgettext_lazy("route", "another way")


class InformalTransfer(models.Model):
    """Knowledge that went out without a contract; recorded, never a case. Read by who wrote it and
    by the institution it was told to."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    route = models.CharField(max_length=16, choices=Route.choices)
    what = models.CharField(max_length=MAX_TITLE, validators=[plain_text])
    partner = models.CharField(max_length=160, validators=[plain_text])
    happened_on = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["author", "-id"], name="informal_of_author"),
            models.Index(fields=["institution", "-id"], name="informal_of_institution"),
        ]

    def __str__(self) -> str:
        return self.public_id
