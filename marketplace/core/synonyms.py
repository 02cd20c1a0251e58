"""Synonyms, abbreviations and translations, kept as data: which terms say the same.

Terms are compared as their tokens, so that case, plural and hyphen do not matter.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import yaml

from marketplace.core.words import base_tokens

MAX_TERM = 6  # tokens in a term
JOINT = "_"  # between the words of a term; no token holds one
Form = tuple[str, ...]


def groups() -> list[list[str]]:
    """The groups of the file, as written."""
    path = Path(__file__).with_name("synonyms.yaml")
    return [[str(term) for term in group] for group in yaml.safe_load(path.read_text("utf-8"))]


@lru_cache(maxsize=1)
def _table() -> dict[Form, tuple[Form, ...]]:
    """The tokens of each term -> the tokens of all terms of its group, its own first."""
    table: dict[Form, tuple[Form, ...]] = {}
    for group in groups():
        forms = list(dict.fromkeys(form for term in group if (form := tuple(base_tokens(term)))))
        for form in forms:
            table.setdefault(form, (form, *(other for other in forms if other != form)))
    return table


def forms_of(tokens: Form) -> tuple[Form, ...]:
    """All ways to say a term given by its base tokens, that one first; () without a synonym.

    A way of several words is given as the one token that `with_terms` writes into an index, so that
    "high temperature" is not found where the one stands here and the other there.
    """
    return tuple(_written(form) for form in _table().get(tokens, ()))


def with_terms(tokens: Sequence[str]) -> list[str]:
    """The tokens of a text with those of its terms of several words added, each after the last of
    its words. For indexing."""
    begins = _begins()
    ends: dict[int, list[str]] = {}
    for place in [place for place, token in enumerate(tokens) if token in begins]:
        for form in begins[tokens[place]]:
            if tuple(tokens[place : place + len(form)]) == form:
                ends.setdefault(place + len(form), []).append(JOINT.join(form))
    found: list[str] = []
    start = 0
    for end in sorted(ends):
        found += [*tokens[start:end], *ends[end]]
        start = end
    return [*found, *tokens[start:]]


def is_term(token: str) -> bool:
    """Whether a token of an index is a term of several words."""
    return JOINT in token


def words_in(token: str) -> tuple[str, ...]:
    """The words of a term, or the token itself."""
    return tuple(token.split(JOINT))


def _written(form: Form) -> Form:
    return form if len(form) == 1 or form[0] >= "\u3400" else (JOINT.join(form),)


@lru_cache(maxsize=1)
def _begins() -> dict[str, list[Form]]:
    """First word -> the terms of several Latin words that begin with it. Chinese ones are cut in
    more than one way, and are found by their words."""
    found: dict[str, list[Form]] = {}
    for form in _table():
        if len(form) > 1 and form[0] < "\u3400":
            found.setdefault(form[0], []).append(form)
    return found
