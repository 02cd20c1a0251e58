"""Pairs that are no more, for who keeps a copy of its matches."""

from django.db import models


class MatchGone(models.Model):
    """Written by a trigger (migration 0010) when a match is removed, whatever removes it, and
    forgotten after changes.KEPT_DAYS.

    need_knew, technology_knew: the visibility of the other listing that this side knew of, "" when
    it did not: who never knew of a pair is not told that it is gone. Owners are plain numbers,
    since an organisation may go, too.
    """

    public_id = models.CharField(max_length=10)
    need_owner = models.BigIntegerField()
    technology_owner = models.BigIntegerField()
    need_knew = models.CharField(max_length=12, blank=True)
    technology_knew = models.CharField(max_length=12, blank=True)
    changed_in = models.BigIntegerField()
    gone_at = models.DateTimeField()

    class Meta:
        indexes = [
            # what has gone for an organisation, in order (queries.changes)
            models.Index(fields=["need_owner", "changed_in", "id"], name="gone_need"),
            models.Index(fields=["technology_owner", "changed_in", "id"], name="gone_technology"),
            # forgetting
            models.Index(fields=["gone_at"], name="gone_at"),
        ]
