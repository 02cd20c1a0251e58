"""Words about contracts, for templates."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from contracts import states
from contracts.actions.decisions import reason_text
from contracts.labels import fact_label
from contracts.models import Contract, ContractParty
from contracts.queries.register import PublicParty
from contracts.rule_sets import RuleSet, Statement
from marketplace.core import regions
from marketplace.core.bilingual import pick
from marketplace.core.codes import ALL_LISTS
from marketplace.core.components.icons import icon
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


@register.simple_block_tag
def optional(content: SafeString, title: str, *inputs: BoundField) -> SafeString:
    """Inputs that may stay empty, folded away. Open where something is wrong or was just typed;
    closed, the title says how many are filled in."""
    filled = sum(bool(str(bound.value() or "").strip()) for bound in inputs)
    is_open = any(bound.errors for bound in inputs) or (filled and inputs[0].form.is_bound)
    said = ngettext("%(number)s filled in", "%(number)s filled in", filled) % {"number": filled}
    return format_html(
        '<details class="fold fold--inputs"{}><summary>{}{} <span class="muted">{}</span>'
        "</summary>{}</details>",
        SafeString(" open") if is_open else "",
        icon("chevron-down", size="sm"),
        title,
        said if filled else gettext("optional"),
        content,
    )


@register.filter
def about(statements: Iterable[Statement], contract: Contract) -> list[Statement]:
    """Those that concern the contract's sub-type or its right."""
    return [one for one in statements if one.is_about(contract.sub_type, contract.ip_kind)]


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
