"""Synonyms, abbreviations and translations, kept as data: which terms say the same.

Terms are compared as their tokens, so that case, plural and hyphen do not matter.
"""

from functools import lru_cache
from pathlib import Path

import yaml

from marketplace.core.words import base_tokens

MAX_TERM = 6  # tokens in a term
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
    """All ways to say a term given by its base tokens, that one first; () without a synonym."""
    return _table().get(tokens, ())
