"""Questions of the registration point, and the answers: who reads which, and what is open."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Organisation
from contracts import states
from contracts.completeness import registrant_ids
from contracts.models import Contract, ContractAnswer, ContractDecision, ContractQuestion, Side
from contracts.queries import desk, ties
from contracts.rules import EDIT_ROLES
from marketplace.core.actor import Actor

MOST_ANSWERS = 10  # of one side to one question
ANSWERABLE = states.AT_THE_POINT | {states.RETURNED}


@dataclass(frozen=True)
class SeenQuestion:
    """A question as one reader sees it. answers: those it may read; waits_for: sides without an
    answer, of those it may know of; names: of the organisations asked, for the registration point;
    answers_for: the organisation that the reader may answer for, None when it may not (any
    more)."""

    question: ContractQuestion
    answers: Sequence[ContractAnswer]
    waits_for: Sequence[str]
    names: Sequence[Organisation] = ()
    answers_for: int | None = None

    @property
    def is_open(self) -> bool:
        return bool(self.waits_for)

    def is_late(self, today: dt.date) -> bool:
        """Whether the day asked for is over without an answer."""
        day = self.question.answer_by
        return self.is_open and day is not None and day < today


@dataclass(frozen=True)
class Entry:
    """One line of a contract's history: a decision, a question or an answer."""

    kind: str
    label: str
    at: dt.datetime
    decided_by: object = None
    reason: str = ""
    words: str = ""
    remarks: Mapping[str, str] | None = None
    organisation: Organisation | None = None
    answer: ContractAnswer | None = None
    open_questions: int = 0


def addressees(contract: Contract) -> dict[str, list[int]]:
    """Side -> organisations on the platform that can be asked: whoever registers with whoever
    drafted it for them, and the other parties."""
    registrants = registrant_ids(contract.parties.all())
    parties = {p.organisation_id for p in contract.parties.all() if p.organisation_id}
    if contract.filed_by_id not in parties:
        registrants |= {contract.filed_by_id}
    others = parties - registrants
    return {Side.REGISTRANT.value: sorted(registrants), Side.OTHER.value: sorted(others)}


def reads_all(contract: Contract, actor: Actor) -> bool:
    """Whether the actor is a registrar of its point without a tie to the contract (or the
    system)."""
    at_point = actor.is_system or desk.at_points(actor).filter(pk=contract.pk).exists()
    return at_point and not ties.is_tied(actor.user_id, contract)


def readable(contract: Contract, actor: Actor, *, whole: bool) -> list[SeenQuestion]:
    """What the actor may read of a contract that it may see, oldest first; three queries at most.

    whole: as `reads_all` says. Others read questions put to their organisations, and the answers of
    their own side.
    """
    rows = list(
        contract.questions.select_related("asked_by").prefetch_related(
            "answers__organisation", "answers__answered_by"
        )
    )
    asked = {pk for row in rows for ids in row.asked.values() for pk in ids}
    known = (
        {one.pk: one for one in Organisation.objects.filter(pk__in=sorted(asked))}
        if whole and asked
        else {}
    )
    seen = [_seen(contract, row, actor, known if whole else None) for row in rows]
    return [one for one in seen if one is not None]


def open_count(contract: Contract) -> int:
    """Questions that a side asked has not answered."""
    rows = contract.questions.prefetch_related("answers")
    return sum(bool(_waiting(row, row.asked)) for row in rows)


def waiting_sides(question: ContractQuestion) -> list[str]:
    """Sides that were asked and have not answered."""
    return _waiting(question, question.asked)


def sides_of(question: ContractQuestion, actor: Actor) -> dict[str, int]:
    """Side -> the organisation for which the actor may read and answer a question."""
    found = {}
    for side, ids in question.asked.items():
        own = [pk for pk in ids if actor.can(pk, *EDIT_ROLES)]
        if own:
            found[side] = own[0]
    return found


def entries(decisions: Iterable[ContractDecision], seen: Iterable[SeenQuestion]) -> list[Entry]:
    """Decisions, questions and answers in one line of time."""
    found = [
        Entry(
            row.kind, row.get_kind_display(), row.at, row.decided_by, row.reason, row.words,
            row.remarks, open_questions=row.open_questions,
        )
        for row in decisions
    ]  # fmt: skip
    for one in seen:
        row = one.question
        found.append(
            Entry("question", _("Question to the parties"), row.at, row.asked_by, words=row.words)
        )
        found += [
            Entry(
                "answer", _("Answer of a party"), answer.at, answer.answered_by, words=answer.words,
                organisation=answer.organisation, answer=answer,
            )
            for answer in one.answers
        ]  # fmt: skip
    return sorted(found, key=lambda entry: entry.at)


def _seen(
    contract: Contract,
    question: ContractQuestion,
    actor: Actor,
    known: Mapping[int, Organisation] | None,
) -> SeenQuestion | None:
    """known: organisations by id for a reader of everything, else None."""
    if known is not None:
        names = [known[pk] for ids in question.asked.values() for pk in ids if pk in known]
        answers = list(question.answers.all())
        return SeenQuestion(question, answers, _waiting(question, question.asked), names)
    own = sides_of(question, actor)
    if not own:
        return None
    answers = [answer for answer in question.answers.all() if answer.side in own]
    waits_for = _waiting(question, own)
    side = next(iter(own))
    may_answer = (
        contract.state in ANSWERABLE
        and sum(answer.side == side for answer in answers) < MOST_ANSWERS
    )
    return SeenQuestion(question, answers, waits_for, answers_for=own[side] if may_answer else None)


def _waiting(question: ContractQuestion, sides: Iterable[str]) -> list[str]:
    answered = {answer.side for answer in question.answers.all()}
    return [side for side in sides if side not in answered]
