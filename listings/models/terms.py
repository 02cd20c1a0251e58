"""Words and phrases of the market, for suggestions while one types and for spelling."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from listings.models.listings import Kind


class Term(models.Model):
    """A keyword, or a word of titles, of public listings; counted anew by the clock.

    text: as it is written; key: folded, for comparing; sound: of Chinese its pinyin in one piece
    without tones; initials: the first letter of each syllable. is_phrase: a keyword, worth
    suggesting. generation: of the count that saw it last; older ones are removed.
    """

    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=80)
    text = models.CharField(max_length=80)
    sound = models.CharField(max_length=200, blank=True)
    initials = models.CharField(max_length=40, blank=True)
    is_phrase = models.BooleanField(default=False)
    listings = models.PositiveIntegerField(default=0)
    generation = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                name="term_once",
                violation_error_message=_("This term is here already."),
            )
        ]
        indexes = [
            # suggestions: what begins so, in letters, in sound, in initials
            models.Index(
                fields=["key"], opclasses=["varchar_pattern_ops"], name="term_by_key",
                condition=models.Q(is_phrase=True),
            ),
            models.Index(
                fields=["sound"], opclasses=["varchar_pattern_ops"], name="term_by_sound",
                condition=~models.Q(sound=""),
            ),
            models.Index(
                fields=["initials"], opclasses=["varchar_pattern_ops"], name="term_by_initials",
                condition=~models.Q(initials=""),
            ),
            # spelling: what is written nearly so
            GinIndex(fields=["key"], opclasses=["gin_trgm_ops"], name="term_spelling"),
        ]  # fmt: skip
