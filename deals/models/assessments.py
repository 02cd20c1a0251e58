"""Judging a case: scorecards of several assessors, readiness with evidence, decisions."""

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from deals.models.cases import Case
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id

MAX_EVIDENCE = 1000


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


def _evidence(*, blank: bool = True) -> "models.TextField[str, str]":
    return models.TextField(
        max_length=MAX_EVIDENCE, blank=blank,
        validators=[plain_text, MaxLengthValidator(MAX_EVIDENCE)],
    )  # fmt: skip


class CaseScorecard(models.Model):
    """One assessor's card. template: the code of the criteria (deals.assessing) it was filled by;
    all cards of a case have the same."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="scorecards")
    assessor = _person()
    template = models.CharField(max_length=30)
    version = models.PositiveIntegerField(default=1, help_text=_("Rises with every change."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "assessor"],
                name="case_scorecard_once",
                violation_error_message=_("You have a card in this case."),
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class CaseScore(models.Model):
    """1 (weak) to 5 (strong); None is "unknown", which counts nowhere and is shown as such."""

    card = models.ForeignKey(CaseScorecard, on_delete=models.CASCADE, related_name="scores")
    criterion = models.CharField(max_length=30)
    score = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    evidence = _evidence()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["card", "criterion"],
                name="case_score_once",
                violation_error_message=_("This criterion is scored already."),
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=1, score__lte=5),
                name="case_score_in_range",
                violation_error_message=_("A score is 1 to 5, or unknown."),
            ),
        ]


class CaseReadiness(models.Model):
    """A level of readiness (TRL) with its evidence. Never changed: the newest row holds."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="readiness")
    level = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    evidence = _evidence(blank=False)
    author = _person()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=9),
                name="case_readiness_level",
                violation_error_message=_("A readiness level is 1 to 9."),
            )
        ]
        indexes = [models.Index(fields=["case", "-id"], name="case_readiness_of_case")]


class Verdict(models.TextChoices):
    ACCEPT = "accept", pgettext_lazy("assessment", "take it on")
    DECLINE = "decline", pgettext_lazy("assessment", "do not take it on")
    DEFER = "defer", pgettext_lazy("assessment", "decide later")


class VerdictReason(models.TextChoices):
    STRONG_CASE = "strong_case", _("the assessment is strong")
    BROAD_USE = "broad_use", _("broadly useful, for many takers")
    TAKER_KNOWN = "taker_known", _("a taker is known")
    NOT_NEW = "not_new", _("not new")
    NO_MARKET = "no_market", _("no market in sight")
    TOO_DEAR = "too_dear", _("too dear to carry")
    RIGHTS = "rights", _("the rights are not clear")
    DATA = "data", _("more data are needed")
    FUNDING = "funding", _("waits for funding")
    OTHER = "other", _("another reason")


_R = VerdictReason
# which reasons go with which verdict
VERDICT_REASONS: dict[str, tuple[VerdictReason, ...]] = {
    Verdict.ACCEPT.value: (_R.STRONG_CASE, _R.BROAD_USE, _R.TAKER_KNOWN, _R.OTHER),
    Verdict.DECLINE.value: (_R.NOT_NEW, _R.NO_MARKET, _R.TOO_DEAR, _R.RIGHTS, _R.OTHER),
    Verdict.DEFER.value: (_R.DATA, _R.FUNDING, _R.RIGHTS, _R.OTHER),
}


class CaseDecision(models.Model):
    """What was decided on the assessment. Never changed: the newest row holds. It ends no case."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    reason = models.CharField(max_length=16, choices=VerdictReason.choices)
    until = models.DateField(null=True, blank=True)
    words = _evidence()
    author = _person()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="defer", until__isnull=False)
                | (~Q(verdict="defer") & Q(until__isnull=True)),
                name="case_decision_date_when_deferred",
                violation_error_message=_("A decision has a day when it is put off."),
            )
        ]
        indexes = [models.Index(fields=["case", "-id"], name="case_decision_of_case")]
