"""Contracts of the cast, taken through the actions themselves.

Home sells to outside at the point; the registrar examines. A second registrar is made on demand.
"""

import datetime as dt
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from accounts.queries import actor_for
from contracts.actions import add_file, draft_contract, submit_contract
from contracts.actions.decisions import approve_second, register_contract
from contracts.actions.examination import claim
from contracts.models import Contract
from marketplace.core.actor import Actor
from tests.accounts.factories import MembershipFactory, UserFactory
from tests.cast import Cast

_number = count(1)
LARGE = "5000000.00"

# Per type: what it needs beside the common facts.
BY_TYPE: dict[str, dict[str, Any]] = {
    "development": {"sub_type": "commissioned"},
    "transfer": {"sub_type": "patent_transfer", "ip_kind": "invention"},
    "licence": {"sub_type": "ordinary_licence", "ip_kind": "invention"},
    "consulting": {"sub_type": "feasibility"},
    "service": {"sub_type": "general_service"},
}


def facts(cast: Cast, kind: str = "service", **values: Any) -> dict[str, Any]:
    """Complete facts of a contract of a type; values win."""
    today = timezone.localdate()
    return {
        "type": kind,
        "title_en": f"Inspection of fabric line {next(_number)}",
        "signed_on": today - dt.timedelta(days=3),
        "valid_from": today - dt.timedelta(days=3),
        "valid_to": today + dt.timedelta(days=365),
        "total_amount": "120000.00",
        "payment_mode": "lump_sum",
        "field": "advanced_manufacturing",
        "registration_point": cast.point.public_id,
        **BY_TYPE[kind],
        **values,
    }


def parties(cast: Cast) -> list[dict[str, Any]]:
    return [
        {
            "role": "seller", "organisation": cast.home.public_id,
            "kind": "enterprise_limited", "code": "91440300TEST00001A",
        },
        {"role": "buyer", "organisation": cast.outside.public_id, "code": "12420000TEST00002B"},
    ]  # fmt: skip


def pdf(name: str = "contract.pdf", mark: object = None) -> SimpleUploadedFile:
    """A small PDF; each call other bytes unless `mark` is given."""
    body = f"%PDF-1.4\n% {mark if mark is not None else next(_number)}\n%%EOF\n"
    return SimpleUploadedFile(name, body.encode(), content_type="application/pdf")


def drafted(
    cast: Cast, kind: str = "service", *, actor: Actor | None = None, with_file: bool = True,
    deductions: list[dict[str, Any]] | None = None,
    sides: list[dict[str, Any]] | None = None,
    instalments: list[dict[str, Any]] | None = None, royalty: dict[str, Any] | None = None,
    **values: Any,
) -> Contract:  # fmt: skip
    """A complete draft of home (its colleague wrote it)."""
    actor = actor or cast.colleague.actor
    contract = draft_contract(
        actor=actor, filed_by_id=cast.home.pk, facts=facts(cast, kind, **values),
        parties=parties(cast) if sides is None else sides, deductions=deductions or [],
        instalments=instalments or [], royalty=royalty,
    )  # fmt: skip
    if with_file:
        add_file(actor=actor, contract_id=contract.pk, upload=pdf())
    return Contract.objects.get(pk=contract.pk)


def submitted(cast: Cast, kind: str = "service", **values: Any) -> Contract:
    contract = drafted(cast, kind, **values)
    return submit_contract(actor=cast.colleague.actor, contract_id=contract.pk)


def examined(cast: Cast, kind: str = "service", **values: Any) -> Contract:
    """Under examination by the cast's registrar."""
    contract = submitted(cast, kind, **values)
    return claim(actor=cast.registrar.actor, contract_id=contract.pk)


def in_second_review(cast: Cast, kind: str = "service", **values: Any) -> Contract:
    contract = examined(cast, kind, total_amount=LARGE, **values)
    return register_contract(actor=cast.registrar.actor, contract_id=contract.pk)


def registered(cast: Cast, kind: str = "service", **values: Any) -> Contract:
    contract = examined(cast, kind, **values)
    contract = register_contract(actor=cast.registrar.actor, contract_id=contract.pk)
    if contract.state == "second_review":
        other = second_registrar(cast)
        contract = approve_second(actor=actor_for(other, "en"), contract_id=contract.pk)
    return contract


def second_registrar(cast: Cast) -> User:
    """Another registrar at the point, who owns nothing there."""
    user: User = UserFactory()
    MembershipFactory(user=user, organisation=cast.point, roles=["registrar"])
    return user


def in_state(cast: Cast, state: str) -> Contract:
    """A contract of home in any state."""
    from contracts.actions import withdraw_contract
    from contracts.actions.decisions import refuse
    from contracts.actions.endings import cancel, revoke
    from contracts.actions.examination import return_

    registrar = cast.registrar.actor
    if state == "draft":
        return drafted(cast)
    if state == "submitted":
        return submitted(cast)
    if state == "withdrawn":
        return withdraw_contract(actor=cast.colleague.actor, contract_id=drafted(cast).pk)
    if state == "under_examination":
        return examined(cast)
    if state == "second_review":
        return in_second_review(cast)
    if state == "returned":
        return return_(actor=registrar, contract_id=examined(cast).pk, words="Please complete.")
    if state == "refused":
        return refuse(actor=registrar, contract_id=examined(cast).pk, reason="not_technology")
    if state == "registered":
        return registered(cast)
    if state == "cancelled":
        return cancel(actor=registrar, contract_id=registered(cast).pk, words="Rescinded.")
    if state == "revoked":
        return revoke(actor=registrar, contract_id=registered(cast).pk, words="Fraud.")
    assert state == "amended"
    old = registered(cast)
    amended(cast, old)
    return Contract.objects.get(pk=old.pk)


def amended(cast: Cast, old: Contract, **values: Any) -> Contract:
    """The registered next edition of a registered contract."""
    from contracts.actions import change_contract, start_amendment

    draft = start_amendment(actor=cast.colleague.actor, contract_id=old.pk)
    change_contract(
        actor=cast.colleague.actor, contract_id=draft.pk,
        facts=values or {"total_amount": "150000.00"},
    )  # fmt: skip
    submit_contract(actor=cast.colleague.actor, contract_id=draft.pk)
    claim(actor=cast.registrar.actor, contract_id=draft.pk)
    return register_contract(actor=cast.registrar.actor, contract_id=draft.pk)
