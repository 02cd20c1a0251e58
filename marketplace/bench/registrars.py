"""The register at work: drafts filled in, submitted, and registered by many at once, all by the
actions that pages and API call."""

import datetime as dt
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.queries import actor_for
from contracts.actions.certificates import make_certificate
from contracts.actions.decisions import register_contract
from contracts.actions.drafts import change_contract, draft_contract
from contracts.actions.examination import claim
from contracts.actions.files import add_file
from contracts.actions.filing import submit_contract
from contracts.models import Contract
from marketplace.core.actor import Actor
from marketplace.demo.parties import Parties

SELLER, BUYER = "sparrow-robotics", "cloudridge-textiles"
PROCESSES = 2
REGISTRARS = 20
EACH = 10  # contracts a registrar decides
CERTIFICATES = 50
PACE = 1.0  # seconds between two decisions of one registrar, where they do not all press at once

# name -> seconds of each call
Took = dict[str, list[float]]


def measure(parties: Parties, point: Organisation) -> Iterator[tuple[str, list[float], float]]:
    """Name, seconds of each call, seconds of all. Raises RuntimeError where a number is missing or
    was given twice."""
    seller, buyer = parties.organisations[SELLER], parties.organisations[BUYER]
    filer = _member_of(seller)
    registrars = _registrars(point)
    for name, pace in (("20 registrars at once", 0.0), ("20 registrars, one a second each", PACE)):
        took: Took = {"fill in and save": [], "submit": []}
        waiting = [_submitted(filer, seller, buyer, point, took) for _ in range(REGISTRARS * EACH)]
        for what in took:
            if not pace:
                yield f"register: {what}", took[what], sum(took[what])
        for number, pk in enumerate(waiting):
            claim(actor=registrars[number % REGISTRARS], contract_id=pk)
        started = time.perf_counter()
        seconds = _at_once(waiting, registrars, pace)
        wall = time.perf_counter() - started
        _require_numbers(waiting, point)
        yield f"register: {name}", seconds, wall
    typeset: list[float] = []
    for pk in waiting[:CERTIFICATES]:
        _time(typeset, lambda pk=pk: make_certificate(contract_id=pk))  # type: ignore[misc]
    yield "register: certificate", typeset, sum(typeset)


def _submitted(
    filer: Actor, seller: Organisation, buyer: Organisation, point: Organisation, took: Took
) -> int:
    """A contract that waits to be examined, each step timed."""
    day = timezone.localdate() - dt.timedelta(days=3)
    contract = draft_contract(
        actor=filer, filed_by_id=seller.pk,
        facts={"type": "service", "sub_type": "general_service", "title_en": "Bench"},
        parties=[
            {"role": "seller", "organisation": seller.public_id, "kind": "enterprise_limited"},
            {"role": "buyer", "organisation": buyer.public_id, "kind": "enterprise_limited"},
        ], deductions=[],
    )  # fmt: skip
    facts: dict[str, Any] = {
        "title_en": f"Inspection of line {contract.pk}", "signed_on": day, "valid_from": day,
        "valid_to": day + dt.timedelta(days=365), "total_amount": "120000.00",
        "payment_mode": "lump_sum", "field": "advanced_manufacturing",
        "registration_point": point.public_id,
    }  # fmt: skip
    _time(took["fill in and save"], lambda: change_contract(
        actor=filer, contract_id=contract.pk, facts=facts,
    ))  # fmt: skip
    deed = SimpleUploadedFile("deed.pdf", b"%%PDF-1.4\n%% %d\n%%%%EOF\n" % contract.pk)
    add_file(actor=filer, contract_id=contract.pk, upload=deed, kind="contract")
    _time(took["submit"], lambda: submit_contract(actor=filer, contract_id=contract.pk))
    return contract.pk


def _at_once(waiting: Sequence[int], registrars: Sequence[Actor], pace: float) -> list[float]:
    """Each registrar decides its own files; shared by processes, as web workers are."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    shares = [range(number, REGISTRARS, PROCESSES) for number in range(PROCESSES)]
    processes = [
        context.Process(target=_share, args=(answers, share, waiting, registrars, pace))
        for share in shares
    ]
    for process in processes:
        process.start()
    found: list[float] = []
    for _ in processes:
        answer = answers.get()
        if isinstance(answer, str):
            raise RuntimeError(answer)
        found += answer
    for process in processes:
        process.join()
    return found


def _share(
    answers: Any, share: Sequence[int], waiting: Sequence[int], registrars: Sequence[Actor],
    pace: float,
) -> None:  # fmt: skip
    seconds: list[float] = []
    failed: list[str] = []
    gate = threading.Barrier(len(share))

    def one(number: int) -> None:
        try:
            actor = registrars[number]
            # a first question opens the connection, as a server's pool has it open
            Contract.objects.filter(pk=waiting[number]).exists()
            gate.wait(30)
            time.sleep(pace * number / REGISTRARS)
            for pk in waiting[number::REGISTRARS]:
                due = time.perf_counter() + pace
                _time(seconds, lambda pk=pk: register_contract(actor=actor, contract_id=pk))  # type: ignore[misc]
                time.sleep(max(0.0, due - time.perf_counter()))
        except Exception as error:  # told to the process that waits
            failed.append(repr(error))
            gate.abort()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in share]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put(failed[0] if failed else seconds)


def _require_numbers(pks: Sequence[int], point: Organisation) -> None:
    """All are registered; of the point's numbers of this year none is missing or doubled."""
    mine = Contract.objects.filter(pk__in=pks, state="registered")
    year = str(timezone.localdate().year)
    numbers = Contract.objects.filter(
        registration_point=point, number__startswith=year, amends__isnull=True
    ).exclude(public_id__startswith="FFF")  # those made in SQL have numbers of their own
    serials = sorted(
        int(number[-6:]) for number in numbers.values_list("number", flat=True) if number
    )
    if mine.count() != len(pks) or serials != list(range(1, len(serials) + 1)):
        raise RuntimeError(f"{mine.count()} of {len(pks)} registered, or numbers with a gap")


def _registrars(point: Organisation) -> list[Actor]:
    people = [
        User.objects.get_or_create(email=f"registrar{number}@bench.example")[0]
        for number in range(REGISTRARS)
    ]
    for user in people:
        Membership.objects.get_or_create(
            user=user, organisation=point, defaults={"roles": ["registrar"]}
        )
    return [actor_for(user, "en") for user in people]


def _member_of(organisation: Organisation) -> Actor:
    member = Membership.objects.filter(organisation=organisation).order_by("pk").first()
    assert member is not None
    return actor_for(member.user, "en")


def _time(seconds: list[float], call: Callable[[], Any]) -> None:
    started = time.perf_counter()
    call()
    seconds.append(time.perf_counter() - started)
