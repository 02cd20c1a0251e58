"""Standard first questions by side, in both languages: first_questions.yaml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from marketplace.core.bilingual import is_chinese


@dataclass(frozen=True, slots=True)
class Question:
    code: str
    en: str
    zh: str

    def text(self, language: str) -> str:
        return self.zh if is_chinese(language) else self.en


@cache
def questions() -> dict[str, list[Question]]:
    """Side -> its questions, in order."""
    raw = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return {side: [Question(**row) for row in rows] for side, rows in raw.items()}


def question_text(side: str, code: str, language: str) -> str:
    """The words; empty for a question that the side does not have."""
    found = [row for row in questions().get(side, []) if row.code == code]
    return found[0].text(language) if found else ""
