"""Board and list of an institution with many cases, through the whole stack in one process."""

import datetime as dt
import time
from collections.abc import Iterator
from decimal import Decimal

from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from deals.models import Case, CaseClient
from deals.pipelines import all_pipelines
from marketplace.demo.parties import Parties

INSTITUTION = "bay-area-ttc"
CASES = 5_000
CALLS = 60
PAGES = {
    "cases: board": "/cases/board/?pipeline=otl",
    "cases: list": "/cases/",
    "cases: list, overdue by value": "/cases/?overdue=1&sort=-value",
}


def measure(parties: Parties) -> Iterator[tuple[str, int, list[float]]]:
    """Name, cases, seconds of each call. Raises RuntimeError on an answer other than 200."""
    institution = parties.organisations[INSTITUTION]
    people = list(
        Membership.objects.filter(organisation=institution, roles__contains=["broker"])
        .values_list("user_id", flat=True)
    )  # fmt: skip
    _fill(institution.pk, people)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(
        User.objects.get(pk=people[0]),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    for name, path in PAGES.items():
        took = []
        for nth in range(CALLS + 3):  # three warm up
            started = time.perf_counter()
            answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answered {answer.status_code}")
            if nth > 2:
                took.append(time.perf_counter() - started)
        yield name, CASES, took


def _fill(institution: int, people: list[int]) -> None:
    """All in one pipeline, so that every column of its board is full."""
    if Case.objects.filter(organisation=institution).count() >= CASES:
        return
    stages = all_pipelines()["otl"].stages
    now, today = timezone.now(), timezone.localdate()
    made = Case.objects.bulk_create(
        [
            Case(
                organisation_id=institution, year=2000, number=nth + 1, title=f"Case {nth}",
                pipeline="otl", stage=stages[nth % len(stages)].code,
                stage_since=now - dt.timedelta(days=nth % 90),
                probability=stages[nth % len(stages)].probability,
                value=Decimal(nth * 1000), responsible_id=people[nth % len(people)],
                next_action="Call", next_action_on=today + dt.timedelta(days=nth % 60 - 20),
            )
            for nth in range(CASES)
        ],
        batch_size=1000,
    )  # fmt: skip
    CaseClient.objects.bulk_create(
        [CaseClient(case=one, name=f"Client {one.number % 300}") for one in made], batch_size=1000
    )
