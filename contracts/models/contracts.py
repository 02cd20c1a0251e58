"""A technology contract from draft to the register."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxLengthValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from contracts import states
from contracts.codes import STATES
from marketplace.core import regions
from marketplace.core.cleaning import plain_text
from marketplace.core.codes.lists import KnownCode
from marketplace.core.public_id import new_public_id


def _code(list_name: str, length: int = 40) -> "models.CharField[str, str]":
    return models.CharField(max_length=length, blank=True, validators=[KnownCode(list_name)])


_PUBLIC_TITLE = Q(public_facts__contains=["title"], state__in=sorted(states.IN_THE_REGISTER))


class Contract(models.Model):
    """One edition of a contract. `state` has one door: contracts.actions.

    A draft may be incomplete; what submission asks for is in contracts.completeness. From the
    moment it has a number, the database lets only `state`, `ended_at`, `version` and `updated_at`
    change (migration 0002): an amendment is a new edition, a row of its own with the same number,
    which is drafted, submitted and examined like the first and then takes its place (the old one
    is `amended`).
    Figures count rows in state `registered` (today's editions) by `numbered_at`.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    filed_by = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="filed_contracts",
        help_text=_("The organisation that drafts and submits it."),
    )  # fmt: skip
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    origin = models.CharField(
        max_length=60, blank=True,
        help_text=_("What it came from: introduction:<id>, import:<id>, copy. Empty: by hand."),
    )  # fmt: skip
    state = models.CharField(
        max_length=20, default=states.DRAFT, validators=[KnownCode("contract_states")]
    )

    # --- facts --------------------------------------------------------------------------------
    type = models.CharField(max_length=20, validators=[KnownCode("contract_types")])
    sub_type = _code("contract_sub_types")
    rule_set = models.CharField(max_length=20)
    title_en = models.CharField(max_length=200, blank=True, validators=[plain_text])
    title_zh = models.CharField(max_length=200, blank=True, validators=[plain_text])
    signed_on = models.DateField(null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    total_amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    technology_amount = models.DecimalField(
        max_digits=18, decimal_places=2, null=True, blank=True,
        help_text=_("Total less deductions; worked out, never typed."),
    )  # fmt: skip
    currency = models.CharField(max_length=3, default="CNY", validators=[KnownCode("currencies")])
    rate = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(0)], help_text=_("CNY for one unit of another currency."),
    )  # fmt: skip
    rate_on = models.DateField(null=True, blank=True)
    total_cny = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    technology_cny = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    payment_mode = _code("payment_modes", 20)
    payment_terms = models.TextField(
        max_length=4000, blank=True, validators=[plain_text, MaxLengthValidator(4000)]
    )
    field = _code("fields")
    sub_field = _code("sub_fields")
    ip_kind = _code("contract_ip_kinds", 20)
    plan_source = models.CharField(
        max_length=12, default="none", validators=[KnownCode("plan_sources")]
    )
    region = models.CharField(max_length=6, blank=True, validators=[regions.validate])
    public_facts = ArrayField(
        models.CharField(max_length=12, validators=[KnownCode("public_facts")]),
        default=list, blank=True,
        help_text=_("What the parties allow the public register to show."),
    )  # fmt: skip

    # --- examination --------------------------------------------------------------------------
    registration_point = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True,
        related_name="contracts_at_point",
    )  # fmt: skip
    submitted_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    days_left = models.SmallIntegerField(
        null=True, blank=True, help_text=_("Working days left when the clock was stopped.")
    )
    examiner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    second_approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    # --- in the register ----------------------------------------------------------------------
    number = models.CharField(  # noqa: DJ001 (unique when set, so absent is NULL)
        max_length=16, null=True, blank=True, editable=False,
        validators=[RegexValidator(r"^\d{16}$")],
    )  # fmt: skip
    edition = models.PositiveSmallIntegerField(default=1)
    amends = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="amendments"
    )
    numbered_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the number was given, by the first edition.")
    )
    registered_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When this edition was registered.")
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When this edition was amended, cancelled or revoked.")
    )

    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total_amount__isnull=True) | Q(total_amount__gte=0),
                name="contract_total_not_negative",
                violation_error_message=_("An amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(technology_amount__isnull=True)
                | Q(technology_amount__gte=0, technology_amount__lte=F("total_amount")),
                name="contract_technology_within_total",
                violation_error_message=_("The technology amount lies between 0 and the total."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="contract_validity_range",
                violation_error_message=_("The contract ends before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__regex=r"^\d{16}$"),
                name="contract_number_form",
                violation_error_message=_("A registration number has 16 digits."),
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=sorted(states.NUMBERED),
                    number__isnull=False,
                    numbered_at__isnull=False,
                    registered_at__isnull=False,
                    registration_point__isnull=False,
                    technology_cny__isnull=False,
                )
                | (~Q(state__in=sorted(states.NUMBERED)) & Q(number__isnull=True)),
                name="contract_numbered_when_registered",
                violation_error_message=_("A contract has a number exactly when registered."),
            ),
            models.CheckConstraint(
                condition=Q(second_approver__isnull=True)
                | Q(examiner__isnull=True)
                | ~Q(second_approver=F("examiner")),
                name="contract_second_person",
                violation_error_message=_("The second review is made by another person."),
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(number__isnull=False) & ~Q(state=states.AMENDED),
                name="contract_number_once",
                violation_error_message=_("This registration number is taken."),
            ),
            models.UniqueConstraint(
                fields=["number", "edition"],
                name="contract_edition_once",
                violation_error_message=_("This edition exists."),
            ),
            models.UniqueConstraint(
                fields=["amends"],
                condition=Q(amends__isnull=False)
                & ~Q(state__in=[states.WITHDRAWN, states.REFUSED]),
                name="contract_one_amendment",
                violation_error_message=_("An amendment of this contract is already on its way."),
            ),
        ]
        indexes = [
            # the registrar's queue: what runs at a point, by deadline
            models.Index(
                fields=["registration_point", "due_on", "id"],
                condition=Q(state__in=sorted(states.AT_THE_POINT | {states.RETURNED})),
                name="contract_queue",
            ),
            # what a point has decided, newest first
            models.Index(
                fields=["registration_point", "state", "-id"], name="contract_point_state"
            ),
            # "my contracts"
            models.Index(fields=["filed_by", "-id"], name="contract_by_filer"),
            # the public register, newest first, and by type or field
            models.Index(
                fields=["-numbered_at", "-id"],
                condition=Q(state__in=sorted(states.IN_THE_REGISTER)),
                name="contract_register",
            ),
            models.Index(
                fields=["type", "-numbered_at"],
                condition=Q(state__in=sorted(states.IN_THE_REGISTER)),
                name="contract_register_type",
            ),
            models.Index(
                fields=["field", "-numbered_at"],
                condition=Q(state__in=sorted(states.IN_THE_REGISTER)),
                name="contract_register_field",
            ),
            # the contracts behind a figure of a province
            models.Index(
                fields=["region", "-numbered_at"],
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
                condition=Q(state__in=sorted(states.IN_THE_REGISTER)),
                name="contract_register_region",
            ),
            # contracts of an introduction, and those that an import drafted
            models.Index(fields=["origin"], condition=~Q(origin=""), name="contract_origin"),
            # register search by part of a title (contracts.queries.register_text)
            GinIndex(
                OpClass(Upper("title_en"), name="gin_trgm_ops"),
                OpClass(Upper("title_zh"), name="gin_trgm_ops"),
                condition=_PUBLIC_TITLE,
                name="contract_register_titles",
            ),
            GinIndex(
                Func(F("title_en"), F("title_zh"), function="title_grams"),
                condition=_PUBLIC_TITLE,
                name="contract_register_grams",
            ),
            # what the register lists and the figures do not count
            models.Index(
                fields=["type", "field", "number"],
                condition=Q(state__in=sorted(states.IN_THE_REGISTER - {states.REGISTERED})),
                name="contract_register_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"contract {self.number or self.public_id}"

    @property
    def is_numbered(self) -> bool:
        return self.number is not None

    @property
    def is_open_to_parties(self) -> bool:
        """Draft or returned: facts and files may change."""
        return self.state in states.OPEN_TO_PARTIES

    @property
    def state_name(self) -> str:
        return STATES.label(self.state)
