"""Clauses that may monopolise technology or hinder its progress. A finding is a hint to look."""

from collections.abc import Sequence
from itertools import islice

from contracts.review.passages import Found, Passage, around, quote, sentences
from contracts.rule_sets.clause_rules import Lint

MAX_FINDINGS = 100  # of one text
MAX_SPANS = 20  # of a pattern in one sentence: beside each of them excuses are looked for


def find_lint(text: Sequence[Passage], lint: Lint) -> list[Found]:
    """At most one finding of a pattern and sentence, in the order of the text.

    What is excused is judged by the pieces between commas that the match lies in: a sentence may
    allow one thing and bar another.
    """
    found: list[Found] = []
    for passage in text:
        for sentence in sentences(passage):
            for pattern in lint.patterns:
                span = next(
                    (
                        span
                        for span in islice(pattern.spans(sentence), MAX_SPANS)
                        if not lint.excuses(pattern, around(sentence, *span))
                    ),
                    None,
                )
                if span is not None:
                    found.append(Found(pattern.code, passage.place, quote(sentence, *span)))
            if len(found) >= MAX_FINDINGS:
                return found[:MAX_FINDINGS]
    return found
