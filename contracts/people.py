"""What accounts asks of this room: a person's data, and what stands against its leaving."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import closing, personal_data
from accounts.models import Organisation
from contracts import states
from contracts.models import Contract, ContractAnswer, ContractDecision, ContractQuestion
from marketplace.core.bilingual import pick

RUNNING = states.AT_THE_POINT | {states.RETURNED}


def data_of(user_id: int) -> dict[str, Any]:
    """Contracts that the person drafted and steps that it took: the facts are the parties'."""
    drafted = Contract.objects.filter(drafted_by_id=user_id).order_by("id")
    decided = ContractDecision.objects.filter(decided_by_id=user_id).order_by("id")
    asked = ContractQuestion.objects.filter(asked_by_id=user_id).order_by("id")
    answered = ContractAnswer.objects.filter(answered_by_id=user_id).order_by("id")
    return {
        "drafted": list(drafted.values("public_id", "type", "state", "number", "created_at")),
        "steps": list(decided.values("contract__public_id", "kind", "at")),
        "questions": list(asked.values("contract__public_id", "public_id", "words", "at")),
        "answers": list(
            answered.values("question__contract__public_id", "public_id", "words", "name", "at")
        ),
    }


def running_contracts(organisation_ids: frozenset[int]) -> Iterable[str | Promise]:
    """Why organisations that nobody would own any more cannot be left: somebody must answer the
    registration point, or decide there."""
    ids = sorted(organisation_ids)
    running = Contract.objects.filter(state__in=sorted(RUNNING)).filter(
        Q(filed_by_id__in=ids) | Q(registration_point_id__in=ids)
    )
    holders = Organisation.objects.filter(
        Q(pk__in=running.values("filed_by_id")) | Q(pk__in=running.values("registration_point_id")),
        pk__in=ids,
    )
    for organisation in holders.order_by("id"):
        yield _(
            "%(organisation)s has contracts under examination and no other owner. Make somebody "
            "else an owner first."
        ) % {"organisation": pick(organisation, "name", get_language())}


def register() -> None:
    """Called once at start."""
    personal_data.provide("contracts", data_of)
    closing.obstacle(running_contracts)
