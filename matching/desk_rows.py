"""Pairs of the desk as a broker may see them, with what it may do for which side."""

from collections.abc import Iterable
from dataclasses import dataclass

from listings.disclosure import Disclosed
from matching.models import Answer, Match, Side, other_side
from matching.queries.desk import Desk
from matching.queries.mandates import mandated_sides
from matching.queries.sides import side_of
from matching.readings import Reading, read_many


@dataclass(frozen=True)
class SideRow:
    """A side that the broker speaks for: its own organisation's (`is_own`) or a client's.

    answer: what that side has said. other_answer: what it may know of the other side's.
    """

    side: str
    listing: Disclosed
    is_own: bool
    answer: str
    other_answer: str


@dataclass(frozen=True)
class DeskRow:
    reading: Reading
    sides: list[SideRow]
    is_new: bool

    @property
    def may_answer(self) -> bool:
        """Somebody whom the broker speaks for has not said its last word."""
        return bool(self.sides) and not self.reading.both_interested

    def listing(self, side: str) -> Disclosed | None:
        return self.reading.need if side == Side.NEED else self.reading.technology


def rows_of(matches: Iterable[Match], desk: Desk) -> list[DeskRow]:
    """In the same order, with the queries of readings.read_many. The caller has gated them."""
    matches = list(matches)
    readings = read_many(matches, desk.actor)
    return [
        DeskRow(
            reading=reading,
            sides=_sides(match, reading, desk),
            is_new=desk.new_since is not None and match.created_at > desk.new_since,
        )
        for match, reading in zip(matches, readings, strict=True)
    ]


def _sides(match: Match, reading: Reading, desk: Desk) -> list[SideRow]:
    mandated = mandated_sides(match, desk.clients)
    found = []
    for side in Side.values:
        is_own = side_of(match, desk.actor, side) == side
        if (is_own or side in mandated) and (
            listing := reading.need if side == Side.NEED else reading.technology
        ):
            other = match.answer_of(other_side(side))
            # "later" is one's own business until the other has answered: see readings
            hidden = other == Answer.LATER and not match.answer_of(side)
            found.append(
                SideRow(
                    side=side, listing=listing, is_own=is_own, answer=match.answer_of(side),
                    other_answer="" if hidden else other,
                )
            )  # fmt: skip
    return found


def speaks_for(match: Match, desk: Desk, wanted: str = "") -> tuple[str, bool]:
    """(side, on behalf) that one answer of the broker means: its own side's, else a client's, one
    that has not answered first. The wanted side when it is named, whoever may answer it."""
    own = side_of(match, desk.actor, wanted)
    if own and wanted in ("", own):
        return own, False
    mandated = mandated_sides(match, desk.clients)
    waiting = [side for side in mandated if not match.answer_of(side)]
    return wanted or next(iter(waiting or mandated), ""), True
