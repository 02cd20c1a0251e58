"""Which usual contents a text has, and where."""

from collections.abc import Mapping, Sequence

from contracts.review.passages import EMPTY, Found, Passage, quote
from contracts.rule_sets.clause_rules import Content


def find_contents(text: Sequence[Passage], contents: Sequence[Content]) -> list[Found]:
    """The first place of each content that is there, in the order of `contents`.

    A heading that is followed by "none", a stroke or a blank is as good as absent.
    """
    found: dict[str, Found] = {}
    for content in contents:
        hit = _by_heading(text, content) or _by_words(text, content)
        if hit is not None:
            found[content.code] = hit
    return list(found.values())


def missing(
    found: Mapping[str, Found], contents: Sequence[Content], kind: str, sub_type: str
) -> list[Content]:
    """Contents that a contract of a type usually has and this text has not."""
    return [
        content
        for content in contents
        if content.applies(kind, sub_type) and content.code not in found
    ]


def _by_heading(text: Sequence[Passage], content: Content) -> Found | None:
    for passage in text:
        if not passage.heading or not content.is_heading(passage.heading):
            continue
        if EMPTY.fullmatch(passage.body) and passage.body:
            continue
        said = passage.text
        if passage.body not in said:  # the heading stands alone, its clause comes next
            said = f"{said} {passage.body}"
        return Found(content.code, passage.place, quote(said))
    return None


def _by_words(text: Sequence[Passage], content: Content) -> Found | None:
    for passage in text:
        if passage.heading and passage.body and EMPTY.fullmatch(passage.body):
            continue
        hit = content.words_in(passage.text)
        if hit is not None:
            return Found(content.code, passage.place, quote(passage.text, *hit))
    return None
