"""What a contract still lacks before it can be submitted."""

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from contracts.codes import ROLES
from contracts.models import Contract, ContractParty
from contracts.payment import WITH_ROYALTY, missing_terms
from contracts.rule_sets import rule_set
from marketplace.core.errors import Invalid, Message

Missing = dict[str, list[Message]]
_REQUIRED: tuple[tuple[str, Message], ...] = (
    ("sub_type", _("Choose the sub-type.")),
    ("signed_on", _("Give the day on which the contract was signed.")),
    ("total_amount", _("Give the total contract amount.")),
    ("payment_mode", _("Choose how it is paid.")),
    ("field", _("Choose the technology field.")),
    ("registration_point_id", _("Choose the registration point.")),
)
# What a contract of any type states, beside a title, its parties and its text.
ALWAYS = tuple(name.removesuffix("_id") for name, _message in _REQUIRED)


def missing(contract: Contract, today: dt.date) -> Missing:
    """Field name -> what to do; empty when the contract can be submitted.

    Party fields are named `parties.<position>.<field>`. Reads parties, files
    and terms of payment (prefetch them).
    """
    found: Missing = {}
    for name, message in _REQUIRED:
        if getattr(contract, name) in (None, ""):
            found[name.removesuffix("_id")] = [message]
    if not (contract.title_en or contract.title_zh):
        found["title_zh"] = [_("Give the title in Chinese or English.")]
    _check_terms(contract, today, found)
    _check_parties(list(contract.parties.all()), found)
    if not any(file.kind == "contract" for file in contract.files.all()):
        found["files"] = [_("Attach the signed contract, in Chinese or with a Chinese copy.")]
    return found


def check_complete(contract: Contract, today: dt.date) -> None:
    """Raises Invalid `incomplete` with everything that is missing."""
    found = missing(contract, today)
    if found:
        raise Invalid(
            "incomplete",
            _("Some things are still missing. What you entered is kept as a draft."),
            fields=found,
        )


def _check_terms(contract: Contract, today: dt.date, found: Missing) -> None:
    rules = rule_set(contract.rule_set)
    kind = rules.types.get(contract.type)
    if kind and "ip_kind" in kind.required and contract.ip_kind in ("", "none"):
        found["ip_kind"] = [_("Say which right the contract is about.")]
    if contract.currency != "CNY":
        if contract.rate is None:
            found["rate"] = [_("Give the rate to CNY.")]
        if contract.rate_on is None:
            found["rate_on"] = [_("Give the day of the rate.")]
    if contract.total_amount == 0 and contract.payment_mode not in WITH_ROYALTY:
        found["total_amount"] = [_("Only with a royalty can the amount still be unknown.")]
    found |= missing_terms(contract)
    if contract.valid_to and contract.valid_to < today:
        found["valid_to"] = [_("The contract has ended; only contracts in force are registered.")]


def _check_parties(parties: list[ContractParty], found: Missing) -> None:
    for role, message in (
        ("seller", _("Name the seller.")),
        ("buyer", _("Name the buyer.")),
    ):
        if not any(party.role == role for party in parties):
            found.setdefault("parties", []).append(message)
    for index, party in enumerate(parties):
        if not party.kind:
            found[f"parties.{index}.kind"] = [_("Choose the kind of party.")]
        elif (party.kind == "abroad") != party.is_abroad:
            found[f"parties.{index}.kind"] = [_("The kind and the country do not agree.")]
        if not party.is_abroad:
            if not party.region:
                found[f"parties.{index}.region"] = [_("Choose the region.")]
            if not party.code and not party.organisation_id and party.kind != "individual":
                found[f"parties.{index}.code"] = [_("Give the unified social credit code.")]


def check_sides(parties: Iterable[ContractParty]) -> None:
    """Nobody takes two sides. Raises Invalid on the second row of the same party."""
    seen: dict[tuple[str, object], str] = {}
    for index, party in enumerate(parties):
        keys: list[tuple[str, object]] = [("name", (party.country, party.name.casefold()))]
        if party.organisation_id:
            keys.append(("organisation", party.organisation_id))
        if party.code:
            keys.append(("code", (party.country, party.code.casefold())))
        for key in keys:
            if key in seen:
                message = _("%(role)s and %(other)s are the same party.") % {
                    "role": ROLES.label(party.role),
                    "other": ROLES.label(seen[key]),
                }
                name = f"parties.{index}.name"
                raise Invalid("same_party", message, fields={name: [message]})
        seen.update(dict.fromkeys(keys, party.role))


def registrant_ids(parties: Iterable[ContractParty]) -> frozenset[int]:
    """Organisations that may submit: the sellers and the broker; for a purchase from abroad, the
    buyers in China."""
    rows = list(parties)
    found = {p.organisation_id for p in rows if p.role in ("seller", "broker")}
    sellers = [p for p in rows if p.role == "seller"]
    if sellers and all(p.is_abroad for p in sellers):
        found |= {p.organisation_id for p in rows if p.role == "buyer" and not p.is_abroad}
    return frozenset(pk for pk in found if pk is not None)
