"""Contracts of the demo market, taken through the register by its own actions."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.queries import actor_for
from contracts.actions.decisions import approve_second, refuse, register_contract
from contracts.actions.drafts import draft_contract
from contracts.actions.examination import claim, return_
from contracts.actions.files import add_file
from contracts.actions.filing import submit_contract
from contracts.actions.points import settings_for
from contracts.certificates.keys import make_key_file
from contracts.models import Contract
from marketplace.core.actor import Actor
from marketplace.demo.names import read
from marketplace.demo.parties import Parties

POINT = "shenzhen-registration-point"
_PARTY_KINDS = {
    "domestic_enterprise": "enterprise_limited",
    "tti": "enterprise_limited",
    "government": "government_city",
    "investor": "enterprise_limited",
}


def load_contracts(parties: Parties) -> int:
    """Draft, submit, examine and decide what is missing; returns how many were added."""
    # certificates of the demo market bear a seal, of a key made here and for it alone
    make_key_file(settings_for(parties.organisations[POINT]).code)
    added = 0
    for row in read("contracts.yaml"):
        origin = f"demo:{row['key']}"
        if not Contract.objects.filter(origin=origin).exists():
            with transaction.atomic():
                _one(row, origin, parties)
            added += 1
    call_command("load_catalogue", "--samples", stdout=io.StringIO())  # invented, as all of it
    return added


def _one(row: dict[str, Any], origin: str, parties: Parties) -> None:
    seller = parties.organisations[row["seller"]]
    filer = parties.organisations[row["broker"]] if seller.country != "CN" else seller
    actor = _somebody(filer)
    contract = draft_contract(
        actor=actor, filed_by_id=filer.pk, origin=origin, facts=_facts(row, parties),
        parties=_parties(row, parties), deductions=row.get("deductions", ()),
        instalments=_instalments(row), royalty=_royalty(row),
    )  # fmt: skip
    if row["state"] == "draft":
        return
    deed = SimpleUploadedFile(f"{row['key']}.pdf", _pdf(row["en"]), content_type="application/pdf")
    add_file(actor=actor, contract_id=contract.pk, upload=deed, kind="contract")
    submit_contract(actor=actor, contract_id=contract.pk)
    if row["state"] != "submitted":
        _decide(row, contract.pk, parties)


def _decide(row: dict[str, Any], contract_id: int, parties: Parties) -> None:
    registrar = actor_for(parties.people["registrar"], "zh-hans")
    claim(actor=registrar, contract_id=contract_id)
    if row["state"] == "returned":
        return_(
            actor=registrar, contract_id=contract_id, words=row["words"], remarks=row["remarks"]
        )
    elif row["state"] == "refused":
        refuse(actor=registrar, contract_id=contract_id, reason=row["reason"], words=row["words"])
    elif row["state"] in ("registered", "second_review"):
        register_contract(actor=registrar, contract_id=contract_id)
        if row.get("second"):
            second = actor_for(parties.people["second-registrar"], "zh-hans")
            approve_second(actor=second, contract_id=contract_id)


def _somebody(organisation: Organisation) -> Actor:
    member = (
        Membership.objects.filter(
            organisation=organisation, roles__overlap=["owner", "editor", "broker"]
        )
        .select_related("user")
        .order_by("pk")
        .first()
    )
    assert member is not None, f"nobody acts for {organisation.public_id}"
    user: User = member.user
    return actor_for(user, "zh-hans")


def _facts(row: dict[str, Any], parties: Parties) -> dict[str, Any]:
    signed = timezone.localdate() - dt.timedelta(days=row["days"])
    facts: dict[str, Any] = {
        "type": row["type"],
        "sub_type": row["sub_type"],
        "title_zh": row["zh"],
        "title_en": row["en"],
        "signed_on": signed,
        "valid_from": signed,
        "valid_to": signed + dt.timedelta(days=365 * row["years"]),
        "total_amount": str(row["total"]),
        "payment_mode": row["pay"],
        "payment_terms": row["terms"],
        "field": row["field"],
        "sub_field": row["sub_field"],
        "ip_kind": row["ip_kind"],
        "registration_point": parties.organisations[POINT].public_id,
        "public_facts": row["public"],
    }
    if row.get("currency"):
        facts |= {"currency": row["currency"], "rate": row["rate"], "rate_on": signed}
    return facts


def _instalments(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"event": event, "amount": Decimal(row["total"]) * share / 100}
        for event, share in row.get("parts", ())
    ]


def _royalty(row: dict[str, Any]) -> dict[str, Any] | None:
    if "royalty" not in row:
        return None
    steps = [{"from_amount": start, "rate": rate} for start, rate in row["royalty"]["steps"]]
    return {**row["royalty"], "steps": steps}


def _parties(row: dict[str, Any], parties: Parties) -> list[dict[str, Any]]:
    found = []
    for role in ("seller", "buyer", "broker"):
        if role in row:
            organisation = parties.organisations[row[role]]
            party = {"role": role, "organisation": organisation.public_id}
            if organisation.kind in _PARTY_KINDS:
                party["kind"] = _PARTY_KINDS[organisation.kind]
            found.append(party)
    return found


def _pdf(title: str) -> bytes:
    """A one-page PDF that says what it stands for."""
    text = f"Demo market: {title}".replace("\\", "").replace("(", "").replace(")", "")
    stream = f"BT /F1 14 Tf 60 760 Td ({text}) Tj ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, start,
    )  # fmt: skip
