"""Words about contracts, for templates."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from contracts import states
from contracts.actions.decisions import reason_text
from contracts.labels import fact_label
from contracts.models import Contract, ContractParty
from contracts.queries.register import PublicParty
from contracts.rule_sets import RuleSet, Statement
from marketplace.core import regions
from marketplace.core.bilingual import pick
from marketplace.core.codes import ALL_LISTS
from marketplace.core.components.marks import state_badge

register = template.Library()


@register.filter
def code(value: str, list_name: str) -> str:
    """The name of a code: {{ contract.type|code:"contract_types" }}."""
    return ALL_LISTS[list_name].label(value)


@register.filter
def code_help(value: str, list_name: str) -> str:
    entry = ALL_LISTS[list_name].get(value)
    return entry.help() if entry else ""


@register.filter
def fact(name: str) -> str:
    """The name of a fact of a contract."""
    return str(fact_label(name))


@register.simple_tag
def contract_state(state: str) -> SafeString:
    """The state as a badge, in the reader's language."""
    return state_badge(state, ALL_LISTS["contract_states"].label(state))


@register.simple_tag
def said(statement: Statement) -> SafeString:
    """A sentence of the rules with its language."""
    text = statement.text(get_language())
    return format_html('<span lang="{}">{}</span>', text.lang, text.value)


@register.simple_tag
def rules_name(rules: RuleSet) -> str:
    return f"{rules.code} · {pick(rules, 'name', get_language()).value}"


@register.simple_tag
def where(thing: Any) -> str:
    """Country and region of a party, or the region of a contract."""
    if isinstance(thing, PublicParty):
        return regions.place(*thing.place, get_language())
    if isinstance(thing, Contract):
        return regions.short_name(thing.region, get_language())
    return regions.place(thing.country, thing.region, get_language())


@register.simple_tag
def party_name(party: ContractParty) -> str:
    """For lists: the organisation's name in the reader's language, else as the contract has it."""
    if party.organisation is None:
        return party.name
    return pick(party.organisation, "name", get_language()).value or party.name


@register.filter
def region_name(value: str) -> str:
    return regions.short_name(value, get_language())


@register.simple_tag
def ground(contract: Contract, value: str) -> str:
    """A refusal code in words."""
    return reason_text(contract, value, get_language())


@register.filter
def is_late(contract: Contract, today: Any) -> bool:
    """Whether the point's clock has run out."""
    return (
        contract.due_on is not None
        and contract.due_on < today
        and contract.state in states.AT_THE_POINT
    )


@register.filter
def side(contract: Contract, role: str) -> list[Any]:
    """The parties of one role."""
    return [party for party in contract.parties.all() if party.role == role]


@register.filter
def in_fours(number: str) -> str:
    """2026440305000127 as 2026 440305 000127, to be read aloud."""
    return f"{number[:4]} {number[4:10]} {number[10:]}" if len(number) == 16 else number


@register.filter
def get_item(mapping: Any, key: str) -> Any:
    return mapping.get(key)
