"""One owner cannot fill a list, and what says the same again stands in it once.

Only listings that are open alike displace each other, and only by what the reader may know of
their scores: by the exact ones, or by listings that it does not see, a reader could tell closed
texts from what is missing.
"""

from collections.abc import Iterable

from listings.fingerprints import is_same_text
from matching.pipeline.subjects import Subject

PER_OWNER = 5


def varied(found: Iterable[tuple[Subject, int]], answered: Iterable[Subject] = ()) -> set[int]:
    """Ids of those that stay. found: listings with their score as the reader may know it.
    answered: those that have their place whatever is found; they take none of their owner's, but
    nobody is asked about the same text again."""
    groups: dict[tuple[int, str, bool], list[Subject]] = {}
    known: dict[tuple[int, str, bool], list[Subject]] = {}
    for other in answered:
        known.setdefault(_group(other), []).append(other)
    for other, _ in sorted(found, key=lambda one: (-one[1], one[0].pk)):
        group = groups.setdefault(_group(other), [])
        said = [*known.get(_group(other), ()), *group]
        if len(group) < PER_OWNER and not any(_says_the_same(other, one) for one in said):
            group.append(other)
    return {other.pk for group in groups.values() for other in group}


def _group(listing: Subject) -> tuple[int, str, bool]:
    return listing.owner_id, listing.visibility, listing.is_anonymous


def _says_the_same(one: Subject, other: Subject) -> bool:
    if one.fingerprint and other.fingerprint:
        return is_same_text(one.fingerprint, other.fingerprint)
    # too short to compare but by the title
    return bool(one.title_form) and one.title_form == other.title_form
