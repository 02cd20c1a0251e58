"""What has changed of an organisation's matches since a place that its copy has reached.

A place is the number of a transaction, not a time and not an id: those are given out before a
transaction commits, so that a reader who has gone past them would miss what commits late. Rows are
read only below the horizon, the oldest transaction that is still at work: nothing can appear there
any more.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.core import signing
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from listings.models.listings import Tier
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid, field_error
from matching.models import Match, MatchGone, Side
from matching.queries.inbox import with_listings
from matching.queries.sides import ROLES
from matching.queries.visibility import of_side

SALT = "matching.changes"
KEPT_DAYS = 30
PAGE, MOST = 100, 500
GONE = "gone"
Row = TypeVar("Row", Match, MatchGone)


class Place(NamedTuple):
    """transaction, then a row of it: pairs that are (0) before those that are gone (1), by id."""

    transaction: int = 0
    is_gone: int = 0
    pk: int = 0


class Horizon(NamedTuple):
    """below: everything in a transaction of a lower number has been decided. newest: the next
    number to be given out."""

    below: int
    newest: int


@dataclass(frozen=True)
class Change:
    """kind: new, rescored, answered or gone; match: None when gone."""

    kind: str
    public_id: str
    match: Match | None
    place: Place


@dataclass(frozen=True)
class Changes:
    """rows in order; cursor: from which the next page goes on; more: whether there is one now."""

    rows: list[Change]
    cursor: str
    more: bool


def changes(actor: Actor, cursor: str = "", *, limit: int = PAGE) -> Changes:
    """The changes after a cursor ("" for all matches there are), oldest first.

    Three queries. Raises Invalid on `cursor` when it was not made for this actor, is older than
    KEPT_DAYS (what was removed since is forgotten), or comes from before a restored backup.
    """
    since = _read(cursor, actor) if cursor else Place()
    # Asked first: what is decided later is above it.
    horizon = _horizon()
    if since.transaction > horizon.newest:
        raise _refused()
    found = [*_changed(actor, since, horizon, limit), *_gone(actor, since, horizon, limit)]
    if not cursor:  # who has no copy has nothing to remove
        found = [row for row in found if row.kind != GONE]
    found.sort(key=lambda row: row.place)
    rows = found[:limit]
    place = rows[-1].place if len(found) > limit else Place(max(horizon.below, since.transaction))
    return Changes(rows, _written(place, actor), len(found) > limit)


def _horizon() -> Horizon:
    """Below the oldest transaction that may still write here. Numbers are given out for all
    databases of a server: those that are seen to work in another one do not hold us back."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH now AS MATERIALIZED (SELECT pg_current_snapshot() AS shot)
            SELECT least(
                pg_snapshot_xmax(shot)::text::bigint,
                (SELECT min(xid::text::bigint) FROM pg_snapshot_xip(shot) AS xid
                 WHERE NOT EXISTS (
                    SELECT 1 FROM pg_stat_activity AS other
                    WHERE other.backend_xid::text::bigint
                          = xid::text::bigint & 4294967295 -- without its epoch
                      AND other.datname <> current_database()
                 ))
            ), pg_snapshot_xmax(shot)::text::bigint FROM now
            """
        )
        return Horizon(*cursor.fetchone())


def _changed(actor: Actor, since: Place, horizon: Horizon, limit: int) -> list[Change]:
    own = of_side(actor, Side.NEED) | of_side(actor, Side.TECHNOLOGY)
    rows = with_listings(_after(own, since, 0, horizon, limit))
    return [
        Change(row.change, row.public_id, row, Place(row.changed_in, 0, row.pk)) for row in rows
    ]


def _gone(actor: Actor, since: Place, horizon: Horizon, limit: int) -> list[Change]:
    known = MatchGone.objects.filter(_knew(actor, Side.NEED) | _knew(actor, Side.TECHNOLOGY))
    return [
        Change(GONE, row.public_id, None, Place(row.changed_in, 1, row.pk))
        for row in _after(known, since, 1, horizon, limit)
    ]


def _knew(actor: Actor, side: str) -> Q:
    """Pairs of a side's people that they knew of when they were removed."""
    own = actor.ids_with(*ROLES)
    verified = own & actor.verified_ids
    return Q(**{f"{side}_owner__in": sorted(own), f"{side}_knew": Tier.PUBLIC}) | Q(
        **{f"{side}_owner__in": sorted(verified), f"{side}_knew": Tier.MEMBERS}
    )


def _after(
    rows: QuerySet[Row], since: Place, is_gone: int, horizon: Horizon, limit: int
) -> QuerySet[Row]:
    """Those behind the place and below the horizon, in order, one more than asked for."""
    later = Q(changed_in__gt=since.transaction)
    if is_gone > since.is_gone:
        later |= Q(changed_in=since.transaction)
    elif is_gone == since.is_gone:
        later |= Q(changed_in=since.transaction, pk__gt=since.pk)
    return rows.filter(later, changed_in__lt=horizon.below).order_by("changed_in", "pk")[
        : limit + 1
    ]


# --- Cursors -------------------------------------------------------------------------------------


def _written(place: Place, actor: Actor) -> str:
    return signing.dumps([_reader(actor), *place], salt=SALT)


def _read(cursor: str, actor: Actor) -> Place:
    try:
        reader, *place = signing.loads(cursor, salt=SALT, max_age=KEPT_DAYS * 24 * 3600)
    except (signing.BadSignature, ValueError):
        raise _refused() from None
    if reader != _reader(actor):
        raise _refused()
    return Place(*place)


def _reader(actor: Actor) -> str:
    """Whose copy it is and for whom it reads: who joins an organisation has never been told of its
    older matches, so the cursor ends with the change."""
    own = sorted(actor.ids_with(*ROLES))
    verified = sorted(actor.verified_ids & set(own))
    return hashlib.sha256(f"{actor.user_id} {own} {verified}".encode()).hexdigest()[:16]


def _refused() -> Invalid:
    return field_error(
        "cursor",
        _("This cursor is not yours, was altered, or is too old. Begin anew without a cursor."),
        code="invalid_cursor",
    )


# --- Housekeeping --------------------------------------------------------------------------------


def forget_gone() -> int:
    """Remove what every valid cursor has passed; returns how many."""
    cutoff = timezone.now() - dt.timedelta(days=KEPT_DAYS + 1)
    return MatchGone.objects.filter(gone_at__lt=cutoff).delete()[0]


def renumber_restored() -> int:
    """After a backup was restored into a new server, numbers of transactions begin again: rows
    from "the future" get a present number (the trigger gives it). Returns how many."""
    newest = Match.objects.order_by("-changed_in").values_list("changed_in", flat=True).first()
    horizon = _horizon()
    if newest is None or newest < horizon.newest:
        return 0
    MatchGone.objects.filter(changed_in__gte=horizon.newest).delete()
    return Match.objects.filter(changed_in__gte=horizon.newest).update(changed_in=-1)
