"""Make certificates. By jobs only: a registration never waits for one, nor fails with one."""

import contextlib
import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from contracts import event_kinds, states
from contracts.actions.points import settings_for
from contracts.certificates import pages
from contracts.certificates.keys import FaultyKey, private_key
from contracts.certificates.seal import Seal, attach, key_id, make_seal, public_pem
from contracts.models import Certificate, Contract, SealKey
from contracts.queries.visibility import organisation_ids
from events.actions import record
from marketplace.core import gates
from marketplace.core.actor import Actor
from marketplace.core.jobs import enqueue, enqueue_many
from marketplace.core.models import Job
from marketplace.core.public_id import ALPHABET, new_public_id

JOB = "contracts.make_certificate"
CODE_LENGTH = 12
MANY = 500  # certificates that one round of completing asks for


def ask_certificate(contract: Contract) -> None:
    """Ask for the certificate of the present state, in the caller's transaction."""
    enqueue(JOB, {"contract": contract.pk}, key=str(contract.pk))


def make_certificate(*, contract_id: int) -> Certificate | None:
    """The certificate of a registered contract in its present state; made once, whoever asks how
    often. None for a contract without a number.

    Raises FaultyKey when the point's key file cannot be used.
    """
    stored = ""
    try:
        with transaction.atomic():
            contract = gates.lock(Contract.objects.all(), contract_id)
            if contract.state not in states.NUMBERED:
                return None
            made = contract.certificates.filter(state=contract.state).first()
            if made is not None:
                return made
            made = _make(contract)
            stored = made.file.name or ""
            made.save()
            record(
                event_kinds.CERTIFIED, actor=Actor.system(), obj=contract,
                organisation_ids=[*organisation_ids(contract), contract.registration_point_id],
                data={"sha256": made.sha256, "key": (made.seal or {}).get("key", "")},
            )  # fmt: skip
        return made
    except BaseException:
        # Where the outcome is not known, a file too many is better than one that is missing.
        with contextlib.suppress(DatabaseError):
            if stored and not Certificate.objects.filter(file=stored).exists():
                default_storage.delete(stored)
        raise


def complete_certificates() -> int:
    """Ask for what is missing: of registrations older than this feature, or entered by imports.
    Returns for how many. What failed is asked for once a day: a point whose key is faulty must not
    take all the places."""
    has_one = Certificate.objects.filter(contract=OuterRef("pk"), state=OuterRef("state"))
    failed = Job.objects.filter(
        kind=JOB, key=Cast(OuterRef("pk"), CharField()), state=Job.State.FAILED,
        created_at__gt=timezone.now() - dt.timedelta(days=1),
    )  # fmt: skip
    missing = Contract.objects.filter(
        ~Exists(has_one), ~Exists(failed), state__in=sorted(states.NUMBERED), number__isnull=False
    ).order_by("-pk")
    ids = list(missing.values_list("pk", flat=True)[:MANY])
    with transaction.atomic():
        enqueue_many(JOB, [(str(pk), {"contract": pk}) for pk in ids], queue="long")
    return len(ids)


def address_of(number: str, code: str) -> str:
    """Where anybody checks a certificate."""
    return settings.PUBLIC_URL + reverse("check_certificate_code", args=[number, code])


def _make(contract: Contract) -> Certificate:
    version = contract.versions.filter(is_registered=True).first()
    point = contract.registration_point
    assert version is not None and point is not None
    assert contract.number and contract.numbered_at and contract.registered_at
    earlier = contract.certificates.first()
    point_code = settings_for(point).code
    key = private_key(point_code)
    if key is None and SealKey.objects.filter(point=point).exists():
        # made on a host without the keys, it would never be sealed: certificates do not change
        raise FaultyKey(f"{point_code} has sealed before, and its key file is not here")
    issue = pages.Issue(
        number=contract.number,
        edition=contract.edition,
        state=contract.state,
        code=earlier.code if earlier else _new_code(),
        point_name_zh=point.name_zh,
        point_name_en=point.name_en,
        numbered_on=timezone.localdate(contract.numbered_at),
        registered_at=contract.registered_at,
        ended_at=contract.ended_at,
        key_id=key_id(key.public_key()) if key else "",
        address="",
    )
    issue = pages.checked_at(issue, address_of(issue.number, issue.code))
    content = pages.render(version.facts, issue)
    seal: Seal | None = None
    if key is not None:
        SealKey.objects.get_or_create(
            point=point, key_id=issue.key_id,
            defaults={"point_code": point_code, "public_pem": public_pem(key.public_key())},
        )  # fmt: skip
        seal = make_seal(
            content,
            {
                "number": contract.number,
                "edition": contract.edition,
                "state": contract.state,
                "point": point_code,
                "registered_at": contract.registered_at.isoformat(),
                "facts_sha256": version.sha256,
            },
            key,
        )
        content = attach(content, seal)
    row = Certificate(
        contract=contract, state=contract.state, number=contract.number, code=issue.code,
        size=len(content), sha256=hashlib.sha256(content).hexdigest(), seal=seal,
    )  # fmt: skip
    row.file.save(f"{new_public_id()}.pdf", ContentFile(content), save=False)
    return row


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
