"""Reading runs and statements. A beneficiary reads the own statement and nothing else."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet

from deals.models import DistributionLine, DistributionRun
from deals.queries import income
from marketplace.core.actor import Actor


def runs_visible_to(actor: Actor) -> QuerySet[DistributionRun]:
    """Runs of the accounts that the actor sees."""
    return DistributionRun.objects.filter(account__in=income.visible_to(actor))


def with_people(queryset: QuerySet[DistributionRun]) -> QuerySet[DistributionRun]:
    """What a row or the page of a run shows."""
    return queryset.select_related(
        "account__organisation", "account__contract", "made_by", "approved_by", "reverses",
        "reversal",
    )  # fmt: skip


def own_statements(actor: Actor) -> QuerySet[DistributionLine]:
    """The actor's own lines of approved runs: those to an address that the actor has confirmed."""
    if actor.user_id is None:
        return DistributionLine.objects.none()
    mine = EmailAddress.objects.filter(user_id=actor.user_id, verified=True)
    addresses = [address.lower() for address in mine.values_list("email", flat=True)]
    return DistributionLine.objects.filter(
        kind=DistributionLine.Kind.INVENTOR, email__in=addresses, run__state="approved"
    ).exclude(email="")  # fmt: skip


def statements_visible_to(actor: Actor) -> QuerySet[DistributionLine]:
    """The own ones, and those of the runs that the actor sees for the organisation."""
    mine = own_statements(actor)
    theirs = Q(
        kind=DistributionLine.Kind.INVENTOR, run__state="approved",
        run__in=runs_visible_to(actor),
    )  # fmt: skip
    return DistributionLine.objects.filter(Q(pk__in=mine.values("pk")) | theirs).select_related(
        "run__account__organisation", "run__account__contract", "run__reverses"
    )


def steps_of(line: DistributionLine) -> list[DistributionLine]:
    """The lines of a run that explain a person's: deductions and shares, no other inventor."""
    rows: Iterable[DistributionLine] = line.run.lines.exclude(kind=DistributionLine.Kind.INVENTOR)
    return list(rows)


def people_of_lines(run: DistributionRun) -> list[tuple[int, DistributionLine]]:
    """(user id, line) of the inventors of a run who have confirmed the address it names."""
    lines = {line.email: line for line in run.lines.filter(kind="inventor").exclude(email="")}
    found = EmailAddress.objects.filter(
        email__in=list(lines), verified=True, user__is_active=True
    ).values_list("user_id", "email")  # fmt: skip
    return [(user_id, lines[email.lower()]) for user_id, email in found if email.lower() in lines]
