"""How rare words are in the texts that everybody may read.

Apart from Term and Rarity, which count closed texts too: whoever asks in own words may be told a
score by what is open alone.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OpenTerm(models.Model):
    """In how many of the sampled public texts a word stands; words of one text are left out."""

    word = models.CharField(max_length=200, primary_key=True)
    texts = models.PositiveIntegerField()


class OpenRarity(models.Model):
    """One row: how many public texts were sampled, how long they are, and how many there are.

    usual: kind -> language -> mean vector of their meanings by `encoder`: how near any text is to
    a question, from which "near" begins to say something.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    texts = models.PositiveIntegerField(default=0)
    mean_length = models.FloatField(default=100)
    market = models.PositiveIntegerField(default=0)
    usual = models.JSONField(default=dict)
    encoder = models.CharField(max_length=60, blank=True)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1),
                name="open_rarity_one_row",
                violation_error_message=_("There is one row of it."),
            )
        ]
