"""Registration rules for everybody: which held when, what one says, what it changed."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from contracts import completeness
from contracts.codes import CONTRACT_TYPES, SUB_TYPES
from contracts.labels import fact_label
from contracts.rule_sets import RuleSet, all_rule_sets, before, rule_set
from contracts.rule_sets.differences import SECTIONS, Difference, differences
from marketplace.core.errors import NotFound

SECTION_NAMES = {
    "types": _("Types"),
    "sub_types": _("Sub-types"),
    "statistics": _("Counted in statistics as"),
    "required": _("Also needed"),
    "must_hold": _("What must hold"),
    "not_qualifying": _("What does not qualify"),
    "second_review": _("Second review from a technology amount of"),
    "days": _("Time to decide"),
    "screening": _("Export and import screening"),
    "refusals": _("Grounds for refusing"),
    "contents": _("Usual contents of a contract"),
    "silence": _("What holds if the parties are silent"),
    "lint": _("Clauses to look at"),
    "reliefs": _("Tax reliefs and rewards"),
    "sources": pgettext_lazy("rules", "Sources"),
    "caveats": pgettext_lazy("rules", "What is not sure"),
}


@require_GET
def rule_sets_page(request: HttpRequest) -> HttpResponse:
    """All rule sets, newest first, with their validity on one line of time."""
    today = timezone.localdate()
    return render(
        request, "contracts/rules/list.html",
        {"today": today, **line_of_time(all_rule_sets().values(), today)},
    )  # fmt: skip


@require_GET
def rule_set_page(request: HttpRequest, rules_code: str) -> HttpResponse:
    """All that one rule set says, and what it changed against the one before, or against `than`."""
    rules = found(rules_code)
    older = _other(request, rules)
    changed = differences(older, rules) if older else []
    return render(
        request,
        "contracts/rules/one.html",
        {
            "rules": rules,
            "today": timezone.localdate(),
            "always": [fact_label(name) for name in completeness.ALWAYS],
            "silence": _silence(rules),
            "older": older,
            "others": [one for one in all_rule_sets().values() if one.code != rules.code],
            "sections": grouped(changed),
            "changes": len(changed),
        },
    )


def _silence(rules: RuleSet) -> list[dict[str, Any]]:
    """Defaults with the names of their content and of the types that they are for."""
    names = {one.code: one.name for one in rules.clauses.contents}
    return [
        {
            "name": names[one.content], "said": one.said, "source": one.source,
            "only": " · ".join(sorted(_kind_name(code) for code in one.only)),
        }
        for one in rules.clauses.silence
    ]  # fmt: skip


def _kind_name(code: str) -> str:
    """Of a type or a sub-type."""
    return CONTRACT_TYPES.label(code) if code in CONTRACT_TYPES else SUB_TYPES.label(code)


def found(code: str) -> RuleSet:
    """Raises NotFound for an unknown code."""
    try:
        return rule_set(code)
    except KeyError:
        raise NotFound from None


def _other(request: HttpRequest, rules: RuleSet) -> RuleSet | None:
    asked = request.GET.get("than", "")
    return found(asked) if asked and asked != rules.code else before(rules)


def grouped(rows: Iterable[Difference]) -> list[dict[str, Any]]:
    """Differences under the names of their sections, in the order of SECTIONS."""
    by_section: dict[str, list[Difference]] = {}
    for row in rows:
        by_section.setdefault(row.section, []).append(row)
    return [
        {"code": code, "name": SECTION_NAMES[code], "rows": by_section[code]}
        for code in SECTIONS
        if code in by_section
    ]


def line_of_time(sets: Iterable[RuleSet], today: dt.date) -> dict[str, Any]:
    """Rows with where their bar begins and how wide it is, of 1000; an open end reaches the end of
    the line, which is two years from today or later."""
    rules = list(sets)
    ends = [one.valid_to for one in rules if one.valid_to] + [one.valid_from for one in rules]
    first = dt.date(min(one.valid_from for one in rules).year, 1, 1)
    last = dt.date(max([today, *ends]).year + 2, 1, 1)
    whole = (last - first).days

    def place(day: dt.date) -> int:
        return round((day - first).days * 1000 / whole)

    rows = []
    for one in reversed(rules):
        end = one.valid_to + dt.timedelta(days=1) if one.valid_to else last
        start = place(one.valid_from)
        rows.append(
            {
                "rules": one, "start": start, "width": max(4, place(end) - start),
                "holds": one.enabled and one.holds_on(today),
            }
        )  # fmt: skip
    return {"rows": rows, "now": place(today), "first": first.year, "last": last.year}
