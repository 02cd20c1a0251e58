"""Tell an institution that the fee of a case can be stated: its contract was registered."""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.queries.organisations import people_with
from contracts import states as contract_states
from contracts.models import Contract
from deals import notices
from deals.models import BrokerageAgreement, CaseReason
from deals.queries.cases import colleagues_who_read
from deals.rules import CASE_ROLES
from events.actions import notify


def unstated() -> QuerySet[BrokerageAgreement]:
    """Terms by which nothing was stated yet, of cases whose contract stands in the register."""

    def in_register(number: str) -> Exists:
        return Exists(
            Contract.objects.filter(number=OuterRef(number), state=contract_states.REGISTERED)
        )

    return (
        BrokerageAgreement.objects.filter(statements__isnull=True)
        .exclude(case__reason=CaseReason.TAKEN_BACK)
        .filter(
            in_register("case__contract__number")
            | in_register("case__introduction__contract__number")
        )
    )


def remind_of_fees() -> int:
    """Tell who is responsible for the case, or everybody there who reads it, once. Returns how many
    wait; safe to run again, since a notice is known by its key."""
    waiting = 0
    for terms in unstated().select_related("case").iterator(chunk_size=500):
        case = terms.case
        there = people_with(case.organisation_id, *CASE_ROLES)
        people = {one for one in there if one == case.responsible_id}  # not one who left
        people = people or colleagues_who_read(case, there)
        notify(
            people, notices.FEE_CAN_BE_STATED, url=f"{case.get_absolute_url()}commission/",
            params={"docket": case.docket}, key=f"fee-{terms.public_id}",
        )  # fmt: skip
        waiting += 1
    return waiting
