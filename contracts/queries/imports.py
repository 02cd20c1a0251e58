"""Imports of contracts that an actor may see."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from contracts.models import ContractImport, ContractImportRow
from contracts.rules import EDIT_ROLES
from marketplace.core.actor import Actor

_Outcome = ContractImportRow.Outcome
IMPORTABLE = (_Outcome.CREATED, _Outcome.CHANGED)  # rows that an import would do something with
TAKEN = (*IMPORTABLE, _Outcome.SAME, _Outcome.LEFT)  # rows that nothing is wrong with


def imports_visible_to(actor: Actor) -> QuerySet[ContractImport]:
    """Those of organisations in which the actor edits or brokers."""
    if actor.is_system:
        return ContractImport.objects.all()
    return ContractImport.objects.filter(owner_id__in=sorted(actor.ids_with(*EDIT_ROLES)))


def counts_of(run: ContractImport) -> dict[str, int]:
    """How many rows came to which outcome, also when the rows are no longer told one by one."""
    if run.counts:
        return dict(run.counts)
    return dict(run.outcomes.order_by().values_list("outcome").annotate(Count("id")))


def with_yield(runs: QuerySet[ContractImport]) -> QuerySet[ContractImport]:
    """With `took` (some row was or would be taken) and `offers` (importing would change
    something)."""
    rows = ContractImportRow.objects.filter(run=OuterRef("pk")).order_by()
    return runs.annotate(
        # of an old run only the numbers by outcome are left
        took=Exists(rows.filter(outcome__in=TAKEN)) | Q(counts__has_any_keys=[*TAKEN]),
        offers=Exists(rows.filter(outcome__in=IMPORTABLE)),
    )
