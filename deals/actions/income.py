"""Keeping the income of a contract: the account, its scheme and its inventors."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.models import Contract, ContractParty
from deals import event_kinds
from deals.models import Beneficiary, IncomeAccount
from deals.queries.income import openable, visible_to
from deals.queries.own_schemes import by_code, is_choosable
from deals.rules import PARTY_ROLES
from events.actions import record
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid, Message, NotFound, Stale, field_error
from marketplace.core.formatting import number_text
from marketplace.core.gates import lock

HOME_SCHEME = "CN-50"  # what the law lays down where a unit in China has no rule of its own
MAX_INVENTORS = 40


def locked_account(
    account_id: int, actor: Actor, expected_version: int | None = None
) -> IncomeAccount:
    """The account, locked until the transaction ends: whatever moves money waits for it here.

    Raises NotFound for outsiders, Stale for an older version.
    """
    if not visible_to(actor).filter(pk=account_id).exists():
        raise NotFound
    account = lock(IncomeAccount.objects.select_related("organisation", "contract"), account_id)
    if expected_version is not None and expected_version != account.version:
        raise Stale(
            "stale_version", _("It has changed since you opened it. Reload it, then try again.")
        )
    return account


def touched(account: IncomeAccount, kind: str, actor: Actor, *names: str, **data: Any) -> None:
    """Store changed fields, raise the version and write the event. data: ids and codes, never
    amounts: events are read by more people than income is."""
    account.version += 1
    account.save(update_fields=["version", "updated_at", *names])
    record(kind, actor=actor, obj=account, organisation_ids=[account.organisation_id], data=data)


@transaction.atomic
def open_account(
    *, actor: Actor, contract_id: int, organisation_id: int | None = None
) -> tuple[IncomeAccount, bool]:
    """Keep the income of a registered contract for a selling organisation of the actor; the
    account and whether it is new.

    organisation_id: which one, where several of the actor's sell. Raises NotFound for a contract
    whose income the actor cannot keep.
    """
    sellers = ContractParty.objects.filter(
        contract_id=contract_id, role="seller",
        organisation_id__in=sorted(actor.ids_with(*PARTY_ROLES)),
    )  # fmt: skip
    if organisation_id is not None:
        sellers = sellers.filter(organisation_id=organisation_id)
    if openable(actor).filter(pk=contract_id).exists():
        kept = IncomeAccount.objects.filter(
            number=Contract.objects.filter(pk=contract_id).values("number")[:1]
        ).values("organisation_id")
        sellers = sellers.exclude(organisation_id__in=kept)
    seller = sellers.select_related("contract", "organisation").order_by("position").first()
    if seller is None or seller.organisation is None or seller.contract.number is None:
        raise NotFound
    account, is_new = IncomeAccount.objects.get_or_create(
        organisation=seller.organisation, number=seller.contract.number,
        defaults={
            "contract": seller.contract, "currency": seller.contract.currency,
            "scheme": HOME_SCHEME if seller.organisation.country == "CN" else "",
        },
    )  # fmt: skip
    if is_new:
        record(
            event_kinds.INCOME_OPENED, actor=actor, obj=account,
            organisation_ids=[account.organisation_id], data={"scheme": account.scheme},
        )  # fmt: skip
    return account, is_new


@transaction.atomic
def choose_scheme(
    *, actor: Actor, account_id: int, scheme: str, expected_version: int | None = None
) -> IncomeAccount:
    """By which scheme the next runs distribute. Raises Invalid on `scheme` when it is unknown or
    has thresholds in another currency."""
    account = locked_account(account_id, actor, expected_version)
    today = timezone.localdate()  # its version of a day to come does not count yet
    found = by_code(scheme, today) if is_choosable(account, scheme) else None
    if found is None:
        raise field_error("scheme", _("Choose a scheme from the list."), code="unknown_code")
    if not found.fits(account.currency):
        raise field_error(
            "scheme",
            _("This scheme counts in %(wanted)s, the contract in %(currency)s. Choose another.")
            % {"wanted": found.currency, "currency": account.currency},
            code="other_currency",
        )
    before, account.scheme = account.scheme, scheme
    if before != scheme:
        touched(account, event_kinds.SCHEME_CHOSEN, actor, "scheme", before=before, scheme=scheme)
    return account


@transaction.atomic
def set_inventors(
    *, actor: Actor, account_id: int, rows: Sequence[Mapping[str, Any]],
    expected_version: int | None = None,
) -> IncomeAccount:  # fmt: skip
    """Replace who shares the inventors' part: rows of name, email and percent, which come to 100
    exactly. Runs that are approved keep theirs.

    Raises Invalid: `rows.0.percent` and so on for a row, `rows` for the sum.
    """
    account = locked_account(account_id, actor, expected_version)
    if not 0 < len(rows) <= MAX_INVENTORS:
        raise field_error(
            "rows", _("Name between 1 and %(most)s inventors.") % {"most": MAX_INVENTORS}
        )
    made = [
        Beneficiary(
            account=account, position=position, name=str(row.get("name", "")).strip(),
            email=str(row.get("email", "")).strip().lower(), percent=row.get("percent") or "",
        )
        for position, row in enumerate(rows)
    ]  # fmt: skip
    wrong = _wrong_rows(made)
    if wrong:
        raise Invalid("invalid", _("Please correct what is marked below."), fields=wrong)
    account.beneficiaries.all().delete()
    Beneficiary.objects.bulk_create(made)
    touched(account, event_kinds.INVENTORS_SET, actor, inventors=len(made))
    return account


def _wrong_rows(rows: Iterable[Beneficiary]) -> dict[str, list[Message]]:
    wrong: dict[str, list[Message]] = {}
    seen: set[str] = set()
    whole, parts = Decimal(0), []
    for place, row in enumerate(rows):
        try:
            row.clean_fields(exclude=["account"])
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                wrong[f"rows.{place}.{name}"] = list(texts)
            continue
        if row.name.casefold() in seen:
            wrong[f"rows.{place}.name"] = [_("%(name)s is named already.") % {"name": row.name}]
        seen.add(row.name.casefold())
        whole += row.percent
        parts.append(f"{row.name} {number_text(row.percent)}%")
    if not wrong and whole != 100:
        wrong["rows"] = [
            _("The parts come to %(sum)s%%, not to 100%%: %(parts)s.")
            % {"sum": number_text(whole), "parts": "; ".join(parts)[:600]}
        ]
    return wrong
