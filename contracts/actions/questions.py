"""Ask the parties while a file is under examination, and answer. The clock runs on meanwhile: only
a return stops it."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from contracts import event_kinds, notices, states
from contracts.actions.access import locked, locked_at_point, require_examiner
from contracts.actions.files import ALLOWED
from contracts.actions.moves import desk_page_of, page_of, people_of, registrars_of
from contracts.models import Contract, ContractAnswer, ContractQuestion, Side
from contracts.queries import questions as queries
from contracts.queries.visibility import visible_to
from events.actions import notify, record
from marketplace.core.actor import Actor
from marketplace.core.cleaning import words_of
from marketplace.core.errors import Conflict, NotFound, Refused, field_error
from marketplace.core.uploads import CheckedFile, check_upload

MOST = 50  # questions about one contract
LATEST = dt.timedelta(days=366)


@transaction.atomic
def ask(
    *,
    actor: Actor,
    contract_id: int,
    words: str,
    both: bool = False,
    answer_by: dt.date | None = None,
) -> ContractQuestion:
    """The examiner asks the side that registers, or both sides; the file stays where it is.

    Raises Conflict unless it is under examination, Refused to another registrar, Invalid on
    `words`, `both` (nobody of the other side is on the platform) or `answer_by`.
    """
    contract = locked_at_point(contract_id, actor)
    if contract.state != states.UNDER_EXAMINATION:
        raise Conflict("wrong_state", _("Questions are asked while a file is under examination."))
    require_examiner(contract, actor)
    words = words_of("words", words, missing=_("Write the question."))
    today = timezone.localdate()
    if answer_by is not None and not today <= answer_by <= today + LATEST:
        raise field_error("answer_by", _("Choose a day from today on, within a year."))
    sides = queries.addressees(contract)
    if not sides[Side.REGISTRANT]:
        raise Conflict("nobody_to_ask", _("Nobody of the registering side is on the platform."))
    if both and not sides[Side.OTHER]:
        raise field_error(
            "both", _("The other side is not on the platform, so it cannot be asked here.")
        )
    if contract.questions.count() >= MOST:
        raise Conflict("too_many", _("At most %(limit)s questions.") % {"limit": MOST})
    question = ContractQuestion.objects.create(
        contract=contract, asked_by_id=actor.user_id, words=words, answer_by=answer_by,
        registrants=sides[Side.REGISTRANT], others=sides[Side.OTHER] if both else [],
        at=timezone.now(),
    )  # fmt: skip
    asked = [*question.registrants, *question.others]
    record(
        event_kinds.QUESTION_ASKED, actor=actor, obj=contract,
        organisation_ids=[*asked, contract.registration_point_id],
        # not whom else it was put to: a side knows of itself alone
        data={"question": question.public_id, "answer_by": str(answer_by or "")},
    )  # fmt: skip
    notify(
        people_of(asked), notices.QUESTION_ASKED, url=f"{page_of(contract)}#questions",
        params={
            "title_en": contract.title_en, "title_zh": contract.title_zh,
            "question_en": _with_day(words, answer_by, "en"),
            "question_zh": _with_day(words, answer_by, "zh-hans"),
        },
        key=f"{notices.QUESTION_ASKED}-{question.pk}",
    )  # fmt: skip
    return question


def answer(
    *,
    actor: Actor,
    contract_id: int,
    question_public_id: str,
    words: str,
    upload: "UploadedFile[Any] | None" = None,
) -> ContractAnswer:
    """Answer for a side that was asked, with a file if need be; nothing is ever taken back, more
    can be added until the contract is decided.

    Raises NotFound to who was not asked, Refused `not_yours` to a registrar who reads along,
    Conflict when it was decided or the side has answered often, Invalid on `words` or `file`,
    TooLarge.
    """
    checked = _checked(upload)
    with transaction.atomic():
        contract = locked(contract_id)
        question = contract.questions.filter(public_id=question_public_id[:10]).first()
        if question is None or not visible_to(actor).filter(pk=contract.pk).exists():
            raise NotFound
        own = queries.sides_of(question, actor)
        if not own or actor.is_system:
            if queries.reads_all(contract, actor):
                raise Refused("not_yours", _("The parties answer this question."))
            raise NotFound
        side, organisation_id = next(iter(own.items()))
        if contract.state not in queries.ANSWERABLE:
            raise Conflict("decided", _("The contract was decided, so it is too late to answer."))
        if question.answers.filter(side=side).count() >= queries.MOST_ANSWERS:
            raise Conflict(
                "too_many",
                _("At most %(limit)s answers to one question.") % {"limit": queries.MOST_ANSWERS},
            )
        row = ContractAnswer(
            question=question, side=side, organisation_id=organisation_id,
            answered_by_id=actor.user_id,
            words=words_of("words", words, missing=_("Write the answer.")), at=timezone.now(),
        )  # fmt: skip
        if checked is not None and upload is not None:
            _keep_file(row, checked, upload)
        row.save()
        record(
            event_kinds.QUESTION_ANSWERED, actor=actor, obj=contract,
            organisation_ids=[*question.asked[side], contract.registration_point_id],
            data={"question": question.public_id, "answer": row.public_id, "sha256": row.sha256},
        )  # fmt: skip
        _tell_point(contract, row)
    return row


def _checked(upload: "UploadedFile[Any] | None") -> CheckedFile | None:
    if upload is None:
        return None
    try:
        return check_upload(upload, allowed=ALLOWED)
    except ValidationError as error:  # control characters in the name
        raise field_error("file", error.messages[0]) from None


def _keep_file(row: ContractAnswer, checked: CheckedFile, upload: "UploadedFile[Any]") -> None:
    # the stored name tells nothing of the parties
    extension = "." + checked.name.rsplit(".", 1)[-1].lower()
    row.name, row.media_type = checked.name, checked.media_type
    row.size, row.sha256 = checked.size, checked.sha256
    row.file.save(f"{row.public_id}{extension}", upload, save=False)


def _tell_point(contract: Contract, row: ContractAnswer) -> None:
    """Its examiner; every registrar while nobody has claimed it again. No words: some of them may
    be tied to a party."""
    examiner = contract.examiner_id
    notify(
        [examiner] if examiner is not None else registrars_of(contract),
        notices.QUESTION_ANSWERED, url=f"{desk_page_of(contract)}#questions",
        params={"title_en": contract.title_en, "title_zh": contract.title_zh},
        key=f"{notices.QUESTION_ANSWERED}-{row.pk}",
    )  # fmt: skip


def _with_day(words: str, day: dt.date | None, language: str) -> str:
    text = words[:500]
    if day is None:
        return text
    with translation.override(language):
        return text + now(" (Please answer by %(day)s.)") % {"day": day}
