"""What is said of a question that could not be read whole: what is wrong with a filter written into
it, and which values there are."""

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from listings.question import Misread, Question, nearest_fields
from marketplace.core.codes import FIELDS


@dataclass(frozen=True)
class Choice:
    """value: what may be written instead; question: the whole question with it."""

    value: str
    name: str
    question: str


@dataclass(frozen=True)
class Note:
    """part: what was left out of the question; choices: what may stand there."""

    part: str
    message: str | Promise
    choices: tuple[Choice, ...] = ()

    @property
    def links(self) -> list[tuple[str, str]]:
        """(name, question as it stands in an address)"""
        return [(one.name, quote(one.question)) for one in self.choices]


_MESSAGES = {
    "trl": _("Readiness goes from 1 to 9, for example trl:6 or trl:5-7."),
    "field": _("There is no technology field of that name."),
    "org": _("Write the name of the organisation after the colon, for example org:Lakeside."),
}


def notes_on(question: Question) -> list[Note]:
    """A note for each filter in the question that says nothing known, in the active language."""
    return [
        Note(one.text, _MESSAGES[one.name], _choices(one, question)) for one in question.misread
    ]


def _choices(misread: Misread, question: Question) -> tuple[Choice, ...]:
    if misread.name != "field":
        return ()
    return tuple(
        Choice(code, str(FIELDS.label(code)), _instead(question.text, misread.text, code))
        for code in nearest_fields(misread.value)
    )


def _instead(text: str, part: str, code: str) -> str:
    return text.replace(part, f"field:{code}", 1)
