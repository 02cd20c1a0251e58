"""The mail of one's best new matches: what was chosen for whom, so that nothing is told twice."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from listings.models import Listing
from marketplace.core.public_id import new_public_id
from matching.models.matches import Side


class DigestDay(models.Model):
    """How far the mails of one day have been asked for: one row a day of the market's clock."""

    day = models.DateField(primary_key=True)
    last_person = models.BigIntegerField(
        default=0, help_text=_("Everybody up to this id has been looked at.")
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"digests of {self.day}"


class MatchDigest(models.Model):
    """One mail to one person. Written with its pairs before it is sent: whoever dies in between
    leaves a row that says what to send, never a second choice of pairs."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="match_digests"
    )
    day = models.DateField(help_text=_("Of the market's clock."))
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when there is nothing left to do about it.")
    )
    told = models.PositiveSmallIntegerField(
        default=0,
        help_text=_("How many pairs the mail held; none when all had closed by then."),
    )

    class Meta:
        constraints = [
            # also finds a person's last one
            models.UniqueConstraint(
                fields=["person", "day"],
                name="match_digest_once",
                violation_error_message=_("One such mail a day."),
            )
        ]

    def __str__(self) -> str:
        return f"digest {self.public_id}"


class DigestPair(models.Model):
    """A pair chosen for a person. Of the two listings, not of the match, since a match that is
    found again is another row."""

    digest = models.ForeignKey(MatchDigest, on_delete=models.CASCADE, related_name="pairs")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    need = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")
    technology = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")
    side = models.CharField(max_length=10, choices=Side.choices, help_text=_("The person's."))

    class Meta:
        constraints = [
            # also answers "was it told?"
            models.UniqueConstraint(
                fields=["person", "need", "technology"],
                name="digest_pair_once",
                violation_error_message=_("This person was told of this pair."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.need_id} and {self.technology_id} for {self.person_id}"
