"""Decisions on an examined contract: register, second review, refuse."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts import event_kinds, notices, states
from contracts.actions.access import locked, locked_at_point, require_examiner
from contracts.actions.moves import (
    Kind,
    move,
    tell_examiner,
    tell_parties,
    tell_registrars,
)
from contracts.actions.numbering import next_number
from contracts.actions.screening import require_clear
from contracts.models import Contract
from contracts.queries.questions import open_count
from contracts.rule_sets import rule_set
from contracts.snapshots import keep_version
from marketplace.core.actor import Actor
from marketplace.core.bilingual import is_chinese
from marketplace.core.cleaning import words_of
from marketplace.core.errors import Conflict, Refused, field_error


@transaction.atomic
def register_contract(
    *,
    actor: Actor,
    contract_id: int,
    words: str = "",
    without_answer: bool = False,
    expected_version: int | None = None,
) -> Contract:
    """The examiner's yes: the contract is registered and gets its number; a large one goes on to
    second review instead. Look at the state of what is returned.

    without_answer: decide though a question to the parties is open; that is recorded.
    Raises Conflict when it is not under examination (any more), Refused for another registrar,
    Invalid on `without_answer` when a question is open.
    """
    contract = locked_at_point(contract_id, actor, expected_version=expected_version)
    states.TRANSITIONS.target("register", contract.state)
    require_examiner(contract, actor)
    words = words_of("words", words, missing="")
    _require_amounts(contract)
    require_clear(contract)
    unanswered = _unanswered(contract, without_answer)
    if not _is_large(contract):
        return _enter(contract, "register", actor, words, unanswered)
    move(
        contract, "pass_on",
        actor=actor, event=event_kinds.PASSED_ON, kind=Kind.PASSED_ON, words=words,
        is_internal=True, open_questions=unanswered,
    )  # fmt: skip
    tell_registrars(contract, notices.SECOND_REVIEW, without=actor.user_id)
    return contract


@transaction.atomic
def approve_second(
    *,
    actor: Actor,
    contract_id: int,
    words: str = "",
    without_answer: bool = False,
    expected_version: int | None = None,
) -> Contract:
    """The second person's yes: the contract is registered and gets its number. `without_answer` as
    in register_contract."""
    contract = locked_at_point(contract_id, actor, expected_version=expected_version)
    states.TRANSITIONS.target("approve_second", contract.state)
    _require_second_person(contract, actor)
    require_clear(contract)
    words = words_of("words", words, missing="")
    unanswered = _unanswered(contract, without_answer)
    contract.second_approver_id = actor.user_id
    return _enter(contract, "approve_second", actor, words, unanswered, "second_approver")


@transaction.atomic
def send_back(*, actor: Actor, contract_id: int, words: str) -> Contract:
    """The second person hands the contract back to the examiner with a reason."""
    contract = locked_at_point(contract_id, actor)
    states.TRANSITIONS.target("send_back", contract.state)
    _require_second_person(contract, actor)
    words = words_of("words", words, missing=_("Say why."))
    move(
        contract, "send_back",
        actor=actor, event=event_kinds.SENT_BACK, kind=Kind.SENT_BACK, words=words,
        is_internal=True,
    )  # fmt: skip
    tell_examiner(contract, notices.SENT_BACK, reason=words)
    return contract


@transaction.atomic
def refuse(
    *,
    actor: Actor,
    contract_id: int,
    reason: str,
    words: str = "",
    without_answer: bool = False,
    expected_version: int | None = None,
) -> Contract:
    """Refuse the registration, by the examiner or in second review by the second person.

    reason: a refusal code of the contract's rule set; `without_answer` as in register_contract.
    Raises Invalid on `reason`, `words` or `without_answer`.
    """
    contract = locked_at_point(contract_id, actor, expected_version=expected_version)
    states.TRANSITIONS.target("refuse", contract.state)
    if contract.state == states.SECOND_REVIEW:
        _require_second_person(contract, actor)
    else:
        require_examiner(contract, actor)
    ground = rule_set(contract.rule_set).refusals.get(reason)
    if ground is None:
        raise field_error("reason", _("Choose a reason of the list."), code="unknown_code")
    words = words_of("words", words, missing=_("Say why in words.") if ground.needs_words else "")
    unanswered = _unanswered(contract, without_answer)
    contract.due_on = None
    move(
        contract, "refuse", "due_on",
        actor=actor, event=event_kinds.REFUSED, kind=Kind.REFUSED, reason=reason, words=words,
        open_questions=unanswered,
    )  # fmt: skip
    tell_parties(
        contract, notices.REFUSED,
        reason_en=f"{ground.en}. {words}".strip(), reason_zh=f"{ground.zh}。{words}",
    )  # fmt: skip
    return contract


def _enter(
    contract: Contract, step: str, actor: Actor, words: str, unanswered: int, *fields: str
) -> Contract:
    """Put a locked contract into the register: its number last, when nothing can fail any more."""
    now = timezone.now()
    point = contract.registration_point
    assert point is not None
    if contract.amends_id is None:
        contract.numbered_at = now
        number = next_number(point, timezone.localdate(now).year)
    else:
        number = _replace(contract, actor)
    contract.number, contract.registered_at, contract.due_on = number, now, None
    # The version is kept first: the database closes parts and facts with the number.
    move(
        contract, step, "number", "numbered_at", "registered_at", "due_on", *fields,
        actor=actor, event=event_kinds.REGISTERED, kind=Kind.REGISTERED, words=words,
        open_questions=unanswered, data={"number": number, "edition": contract.edition},
    )  # fmt: skip
    keep_version(contract, actor, is_registered=True)
    tell_parties(contract, notices.REGISTERED, number=number)
    return contract


def _replace(amendment: Contract, actor: Actor) -> str:
    """Close the edition that the amendment replaces; returns the number, which stays."""
    assert amendment.amends_id is not None
    replaced = locked(amendment.amends_id)
    if replaced.state != states.REGISTERED:
        raise Conflict(
            "not_registered_any_more",
            _("The contract that this amends is no longer in force in the register."),
        )
    replaced.ended_at = timezone.now()
    move(
        replaced, "amend", "ended_at",
        actor=actor, event=event_kinds.AMENDED, kind=Kind.AMENDED,
        data={"by": amendment.public_id, "edition": amendment.edition},
    )  # fmt: skip
    amendment.numbered_at = replaced.numbered_at
    assert replaced.number is not None
    return replaced.number


def _unanswered(contract: Contract, without_answer: bool) -> int:
    """How many questions to the parties are open; deciding then is a choice made knowingly."""
    number = open_count(contract)
    if number and not without_answer:
        raise field_error(
            "without_answer",
            _("A question to the parties has no answer yet. Wait for it, or tick “decide without "
              "the answer”."),
            code="question_open",
        )  # fmt: skip
    return number


def _is_large(contract: Contract) -> bool:
    assert contract.technology_cny is not None
    return rule_set(contract.rule_set).is_large(contract.technology_cny)


def _require_amounts(contract: Contract) -> None:
    if contract.technology_cny is None:
        raise Conflict("no_amount", _("The amount in yuan is not known. Return the contract."))


def _require_second_person(contract: Contract, actor: Actor) -> None:
    if actor.user_id is not None and actor.user_id == contract.examiner_id:
        raise Refused(
            "same_person", _("The second review is made by another person than the first.")
        )


def reason_text(contract: Contract, code: str, language: str | None) -> str:
    """A refusal code in words."""
    ground = rule_set(contract.rule_set).refusals.get(code)
    if ground is None:
        return code
    return ground.zh if is_chinese(language) else ground.en
