"""Tell the parties, the day before, of a question that they have not answered."""

import datetime as dt

from django.utils import timezone
from django.utils.dateformat import format as date_text

from contracts import notices
from contracts.actions.moves import page_of, people_of
from contracts.models import ContractQuestion
from contracts.queries.questions import ANSWERABLE, waiting_sides
from events.actions import notify


def remind_of_questions(now: dt.datetime | None = None) -> int:
    """Each side that was asked and has not answered, once for a question. Returns how many
    questions; safe to run again, since a notice is known by its key."""
    tomorrow = timezone.localdate(now) + dt.timedelta(days=1)
    due = ContractQuestion.objects.filter(
        answer_by=tomorrow, contract__state__in=sorted(ANSWERABLE)
    ).select_related("contract").prefetch_related("answers")  # fmt: skip
    told = 0
    for question in due:
        contract = question.contract
        sides = waiting_sides(question)
        for side in sides:
            notify(
                people_of(question.asked[side]), notices.QUESTION_DUE,
                url=f"{page_of(contract)}#questions",
                params={
                    "title_en": contract.title_en, "title_zh": contract.title_zh,
                    "due": date_text(tomorrow, "Y-m-d"),
                },
                key=f"{notices.QUESTION_DUE}-{question.pk}-{side}",
            )  # fmt: skip
        told += bool(sides)
    return told
