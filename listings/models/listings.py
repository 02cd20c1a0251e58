"""A listing: a technology that is offered, or a need."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id


class Kind(models.TextChoices):
    TECHNOLOGY = "technology", _("technology")
    NEED = "need", _("need")


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    PUBLISHED = "published", _("published")
    PAUSED = "paused", _("paused")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")
    FULFILLED = "fulfilled", _("transferred or met")


class Tier(models.TextChoices):
    """Who may read: everybody, people of verified organisations, or parties under an NDA."""

    PUBLIC = "public", _("everybody")
    MEMBERS = "members", _("verified members")
    CONFIDENTIAL = "confidential", _("under NDA")


def _text(limit: int) -> "models.TextField[str, str]":
    return models.TextField(max_length=limit, blank=True, validators=[plain_text])


def _keywords() -> ArrayField:  # type: ignore[type-arg]
    return ArrayField(
        models.CharField(max_length=60, validators=[plain_text]), default=list, blank=True, size=20
    )


class Listing(models.Model):
    """A technology or a need. `state` has one door: listings.actions.lifecycle.

    `visibility` says who may know of the listing at all; title, summary and body are read by
    whoever may know of it; members_text and confidential_text by those of their tier.
    A changed version of a published listing is prepared in a second row, `revision_of` the first,
    and replaces it when approved: readers see the old text until then.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="listings")
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revision_of = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="revision"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    visibility = models.CharField(max_length=12, choices=Tier.choices, default=Tier.PUBLIC)
    is_anonymous = models.BooleanField(default=False)

    title_en = models.CharField(max_length=200, blank=True, validators=[plain_text])
    title_zh = models.CharField(max_length=200, blank=True, validators=[plain_text])
    summary_en = _text(600)
    summary_zh = _text(600)
    body_en = _text(20_000)
    body_zh = _text(20_000)
    members_text_en = _text(20_000)
    members_text_zh = _text(20_000)
    confidential_text_en = _text(20_000)
    confidential_text_zh = _text(20_000)
    tried_en = _text(4_000)
    tried_zh = _text(4_000)
    judged_en = _text(4_000)
    judged_zh = _text(4_000)
    keywords_en = _keywords()
    keywords_zh = _keywords()

    field = models.CharField(max_length=40, blank=True, validators=[KnownCode("fields")])
    sub_field = models.CharField(max_length=40, blank=True, validators=[KnownCode("sub_fields")])
    more_fields = ArrayField(
        models.CharField(max_length=40, validators=[KnownCode("fields")]),
        default=list, blank=True, size=10,
    )  # fmt: skip
    trl = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("Of a technology its readiness, of a need the least that is wanted."),
    )  # fmt: skip
    country = models.CharField(max_length=2, default="CN")
    region = models.CharField(max_length=6, blank=True)
    modes = ArrayField(
        models.CharField(max_length=30, validators=[KnownCode("transfer_modes")]),
        default=list, blank=True,
    )  # fmt: skip
    price_kind = models.CharField(
        max_length=12, default="negotiable", validators=[KnownCode("price_kinds")]
    )
    price_min = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    price_max = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="CNY", validators=[KnownCode("currencies")])
    project_source = models.CharField(
        max_length=12, blank=True, validators=[KnownCode("project_sources")]
    )
    deadline = models.DateField(null=True, blank=True, help_text=_("Of a need: answers until."))
    valid_until = models.DateField(null=True, blank=True)

    source = models.CharField(max_length=60, blank=True, help_text=_("Where it was imported from."))
    external_id = models.CharField(max_length=120, blank=True)
    source_url = models.URLField(
        max_length=500, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    content_hash = models.CharField(max_length=64, blank=True, help_text=_("Of the imported row."))

    coach_score = models.PositiveSmallIntegerField(default=0)
    fingerprint = models.BigIntegerField(default=0, help_text=_("Simhash, for near-duplicates."))
    fingerprint_bands = ArrayField(models.IntegerField(), default=list, blank=True)
    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    published_version = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(price_min__isnull=True) | Q(price_min__gte=0),
                name="listing_price_not_negative",
                violation_error_message=_("An amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(price_max__isnull=True)
                | Q(price_min__isnull=True)
                | Q(price_max__gte=F("price_min")),
                name="listing_price_range",
                violation_error_message=_("The upper amount is below the lower one."),
            ),
            models.CheckConstraint(
                condition=Q(trl__isnull=True) | Q(trl__range=(1, 9)),
                name="listing_trl_range",
                violation_error_message=_("The TRL is a number from 1 to 9."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"])
                | ((~Q(title_en="") | ~Q(title_zh="")) & ~Q(field="")),
                name="listing_complete_when_posted",
                violation_error_message=_("A posted listing has a title and a field."),
            ),
            models.UniqueConstraint(
                fields=["source", "external_id", "kind"],
                condition=~Q(source="") & Q(revision_of__isnull=True),
                name="listing_source_once",
                violation_error_message=_("This entry of the source is already here."),
            ),
        ]
        indexes = [
            # browse: newest first, by kind, also by field; few rows are not for everybody, so the
            # visibility is filtered on the way and one index serves every reader
            models.Index(
                fields=["kind", "-published_at", "-id"],
                condition=Q(state="published"),
                name="listing_browse",
            ),
            models.Index(
                fields=["kind", "field", "-published_at", "-id"],
                condition=Q(state="published"),
                name="listing_browse_field",
            ),
            # "my listings", and an organisation's page
            models.Index(fields=["owner", "state", "-updated_at"], name="listing_by_owner"),
            # the expiry job
            models.Index(
                fields=["valid_until"], condition=Q(state="published"), name="listing_expiry"
            ),
            # near-duplicates share one of four bands of the fingerprint
            GinIndex(
                fields=["fingerprint_bands"],
                condition=Q(state="published"),
                name="listing_fingerprint",
            ),
            # filter by transfer mode
            GinIndex(fields=["modes"], condition=Q(state="published"), name="listing_modes"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def is_technology(self) -> bool:
        return self.kind == Kind.TECHNOLOGY

    @property
    def is_open(self) -> bool:
        """Published: can be found (by those who may see it) and matched."""
        return self.state == State.PUBLISHED


class ListingOwner(models.Model):
    """A co-owner beside the posting organisation; names are withheld with the owner's."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="co_owners")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=160, validators=[plain_text])
