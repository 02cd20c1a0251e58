"""What has happened in the demo market: contracts now, answers when the matcher is through."""

from django.db import transaction

from accounts.models import Membership
from accounts.queries import actor_for
from marketplace.core.jobs import enqueue
from marketplace.demo.answers import JOB
from marketplace.demo.cases import load_cases
from marketplace.demo.centres import load_centres
from marketplace.demo.disclosures import load_disclosures
from marketplace.demo.foreign_projects import load_foreign_projects
from marketplace.demo.gatherings import load_gatherings
from marketplace.demo.income import load_income
from marketplace.demo.parties import Parties
from marketplace.demo.referrals import load_referrals
from marketplace.demo.registrations import load_contracts
from marketplace.demo.requests import load_requests
from marketplace.demo.royalties import load_royalties
from marketplace.demo.sales import load_sales
from marketplace.demo.service_figures import load_service_figures
from marketplace.demo.valuations import load_valuations
from matching.actions.mandates import give_mandate
from matching.models import Mandate

# whose matches the demo broker may answer, and for which institution
CLIENT, INSTITUTION = "kite-batteries", "bay-area-ttc"


def load_history(parties: Parties) -> None:
    """Add what is missing; the answers are played once, when the market is first loaded."""
    _let_answer(parties)
    load_valuations(parties)
    load_centres(parties)
    load_cases(parties)
    load_foreign_projects(parties)
    load_disclosures(parties)
    if load_contracts(parties):
        with transaction.atomic():
            enqueue(JOB, {}, key="once", delay=10)
    load_income(parties)
    load_royalties(parties)
    load_referrals(parties)
    load_requests(parties)
    load_gatherings(parties)
    load_sales(parties)
    load_service_figures(parties)


def _let_answer(parties: Parties) -> None:
    client, institution = parties.organisations[CLIENT], parties.organisations[INSTITUTION]
    if Mandate.objects.filter(organisation=client, institution=institution).exists():
        return  # or was, and has been withdrawn
    owner = (
        Membership.objects.filter(organisation=client, roles__contains=["owner"])
        .select_related("user").order_by("pk")[0]
    )  # fmt: skip
    give_mandate(
        actor=actor_for(owner.user, "zh-hans"), organisation_id=client.pk,
        institution_id=institution.pk,
    )  # fmt: skip
