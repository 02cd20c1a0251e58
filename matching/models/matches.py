"""A need and a technology that may fit, with both sides' answers."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from listings.models import Listing
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id

MAX_TEXT = 500


class Side(models.TextChoices):
    NEED = "need", _("need")
    TECHNOLOGY = "technology", _("technology")


class Level(models.TextChoices):
    STRONG = "strong", _("strong")
    FAIRLY_STRONG = "fairly_strong", _("fairly strong")
    WEAK = "weak", _("weak")


class Origin(models.TextChoices):
    MATCHER = "matcher", _("found by the matcher")
    BROKER = "broker", _("proposed by a broker")


class Answer(models.TextChoices):
    INTERESTED = "interested", _("interested")
    LATER = "later", _("later")
    DECLINED = "declined", _("not for us")


class Reason(models.TextChoices):
    """Why a side declines. The first five are the reasons enterprises gave in the study."""

    NOT_WHAT_WE_LOOK_FOR = "not_what_we_look_for", _("not what we look for")
    IMMATURE = "immature", _("not mature enough")
    TOO_DEAR = "too_dear", _("too dear")
    CANNOT_COMMUNICATE = "cannot_communicate", _("cannot communicate with the other side")
    FUNDS = "funds", _("no funds for it")
    ALREADY_SOLVED = "already_solved", _("already solved")
    OTHER = "other", _("another reason")


def _answer() -> "models.CharField[str, str]":
    return models.CharField(max_length=10, choices=Answer.choices, blank=True)


def _reason() -> "models.CharField[str, str]":
    return models.CharField(max_length=24, choices=Reason.choices, blank=True)


def _remark() -> "models.CharField[str, str]":
    return models.CharField(
        max_length=MAX_TEXT, blank=True, validators=[plain_text],
        help_text=_("The side's own note; the other side reads only the reason."),
    )  # fmt: skip


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class Match(models.Model):
    """One pair. Scores are written by matching.pipeline.delivery, answers by
    matching.actions.answers, and by nothing else.

    `score` is what the matcher found over all texts, the confidential ones too. `need_score` and
    `technology_score` are what that side may know of it: where the other listing holds texts that
    are closed to it, the lowest score of the level, so that neither the number nor the order of a
    list tells what they say.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    need = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="need_matches")
    technology = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="technology_matches"
    )
    # Who owns the two, so that "my matches" reads one index however large the market is.
    need_owner = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    technology_owner = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")

    origin = models.CharField(
        max_length=8, choices=Origin.choices, default=Origin.MATCHER, db_default=Origin.MATCHER,
        help_text=_("A pair that a broker proposed stays, however low it scores."),
    )  # fmt: skip
    score = models.PositiveSmallIntegerField()
    need_score = models.PositiveSmallIntegerField()
    technology_score = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=14, choices=Level.choices)
    model_version = models.CharField(max_length=20)
    features = models.JSONField(default=dict, help_text=_("What the score was computed from."))
    reasons = models.JSONField(
        default=list,
        help_text=_("Entries with the tier of the text on either side; never shown unfiltered."),
    )

    need_answer = _answer()
    need_reason = _reason()
    need_text = _remark()
    need_answered_by = _person()
    need_answered_at = models.DateTimeField(null=True, blank=True)
    technology_answer = _answer()
    technology_reason = _reason()
    technology_text = _remark()
    technology_answered_by = _person()
    technology_answered_at = models.DateTimeField(null=True, blank=True)
    need_seen_at = models.DateTimeField(null=True, blank=True)
    technology_seen_at = models.DateTimeField(null=True, blank=True)

    version = models.PositiveIntegerField(
        default=1, help_text=_("Rises with every answer, and when the score changes.")
    )
    # Written by a trigger (migration 0010): the transaction of the last change that the sides are
    # told of, and what it was.
    changed_in = models.BigIntegerField(default=0, editable=False)
    change = models.CharField(max_length=8, default="new", editable=False)
    scored_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["need", "technology"],
                name="match_once",
                violation_error_message=_("This pair exists."),
            ),
            models.CheckConstraint(
                condition=~Q(need=F("technology")),
                name="match_of_two",
                violation_error_message=_("A listing cannot match itself."),
            ),
            models.CheckConstraint(
                condition=~Q(need_owner=F("technology_owner")),
                name="match_two_owners",
                violation_error_message=_("Listings of one organisation are not matched."),
            ),
            models.CheckConstraint(
                condition=Q(score__range=(0, 100)),
                name="match_score_range",
                violation_error_message=_("A score lies between 0 and 100."),
            ),
            models.CheckConstraint(
                condition=Q(need_score__lte=F("score")) & Q(technology_score__lte=F("score")),
                name="match_side_scores",
                violation_error_message=_("A side is never shown more than the score."),
            ),
            models.CheckConstraint(
                condition=Q(origin__in=Origin.values),
                name="match_origin",
                violation_error_message=_("Unknown origin."),
            ),
            models.CheckConstraint(
                condition=Q(level__in=Level.values),
                name="match_level",
                violation_error_message=_("Unknown level."),
            ),
            models.CheckConstraint(
                condition=Q(need_answer__in=["", *Answer.values])
                & Q(technology_answer__in=["", *Answer.values]),
                name="match_answers",
                violation_error_message=_("Unknown answer."),
            ),
            models.CheckConstraint(
                condition=(Q(need_answer="declined") & Q(need_reason__in=Reason.values))
                | (~Q(need_answer="declined") & Q(need_reason="")),
                name="match_need_reason",
                violation_error_message=_(
                    "Say why it is not for you; no other answer has a reason."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(technology_answer="declined") & Q(technology_reason__in=Reason.values))
                | (~Q(technology_answer="declined") & Q(technology_reason="")),
                name="match_technology_reason",
                violation_error_message=_(
                    "Say why it is not for you; no other answer has a reason."
                ),
            ),
        ]
        indexes = [
            # one listing's matches, best first; also which pairs a run finds again
            models.Index(fields=["need", "-need_score", "-id"], name="match_of_need"),
            models.Index(
                fields=["technology", "-technology_score", "-id"], name="match_of_technology"
            ),
            # the inbox of an organisation, best first
            models.Index(fields=["need_owner", "-need_score", "-id"], name="match_inbox_need"),
            models.Index(
                fields=["technology_owner", "-technology_score", "-id"],
                name="match_inbox_technology",
            ),
            # what has changed for an organisation, in order (queries.changes)
            models.Index(fields=["need_owner", "changed_in", "id"], name="match_changed_need"),
            models.Index(
                fields=["technology_owner", "changed_in", "id"], name="match_changed_technology"
            ),
            # what is new for a side
            models.Index(
                fields=["need_owner"],
                condition=Q(need_seen_at__isnull=True, need_answer=""),
                name="match_new_need",
            ),
            models.Index(
                fields=["technology_owner"],
                condition=Q(technology_seen_at__isnull=True, technology_answer=""),
                name="match_new_technology",
            ),
            # the brokers' triage list: open pairs, best first
            models.Index(
                Least("need_score", "technology_score").desc(),
                F("id").desc(),
                condition=~Q(need_answer="declined") & ~Q(technology_answer="declined"),
                name="match_triage",
            ),
        ]

    def __str__(self) -> str:
        return f"match {self.public_id}"

    def answer_of(self, side: str) -> str:
        return self.need_answer if side == Side.NEED else self.technology_answer

    def reason_of(self, side: str) -> str:
        return self.need_reason if side == Side.NEED else self.technology_reason

    @property
    def both_interested(self) -> bool:
        return self.need_answer == self.technology_answer == Answer.INTERESTED


def other_side(side: str) -> str:
    return Side.TECHNOLOGY.value if side == Side.NEED else Side.NEED.value
