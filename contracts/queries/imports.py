"""Imports of contracts that an actor may see."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from contracts.models import ContractImport, ContractImportRow
from contracts.rules import EDIT_ROLES
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound

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
    if (told := getattr(run, "told", None)) is not None:  # with_counts
        return {one["outcome"]: one["number"] for one in told}
    return dict(run.outcomes.order_by().values_list("outcome").annotate(Count("id")))


def report_of(run: ContractImport) -> QuerySet[ContractImportRow]:
    """What came of each row, in their order. Raises NotFound once that is forgotten."""
    if run.is_report_gone:
        raise NotFound(
            "report_gone", _("What came of each row was told for some weeks; the numbers are left.")
        )
    return run.outcomes.select_related("contract")


def with_counts(runs: QuerySet[ContractImport]) -> QuerySet[ContractImport]:
    """So that `counts_of` asks nothing more for each of a list."""
    rows = ContractImportRow.objects.filter(run=OuterRef("pk")).order_by()
    by_outcome = rows.values("outcome").annotate(number=Count("pk"))
    return runs.annotate(
        told=ArraySubquery(by_outcome.values(one=JSONObject(outcome="outcome", number="number")))
    )


def with_yield(runs: QuerySet[ContractImport]) -> QuerySet[ContractImport]:
    """With `took` (some row was or would be taken) and `offers` (importing would change
    something)."""
    rows = ContractImportRow.objects.filter(run=OuterRef("pk")).order_by()
    return runs.annotate(
        # of an old run only the numbers by outcome are left
        took=Exists(rows.filter(outcome__in=TAKEN)) | Q(counts__has_any_keys=[*TAKEN]),
        offers=Exists(rows.filter(outcome__in=IMPORTABLE)),
    )
