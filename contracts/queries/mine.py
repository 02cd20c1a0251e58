"""My contracts: tabs, search, what is next."""

from collections.abc import Mapping

from django.db.models import Count, Q, QuerySet

from contracts import states
from contracts.models import Contract

# tab -> states
TABS: Mapping[str, frozenset[str]] = {
    "drafts": frozenset({states.DRAFT}),
    "returned": frozenset({states.RETURNED}),
    "running": states.AT_THE_POINT,
    "registered": frozenset({states.REGISTERED}),
    "closed": frozenset({states.REFUSED, states.WITHDRAWN, states.CANCELLED, states.REVOKED}),
}


def in_tab(queryset: QuerySet[Contract], tab: str) -> QuerySet[Contract]:
    """One tab, or all of them for an unknown one."""
    return queryset.filter(state__in=sorted(TABS[tab])) if tab in TABS else queryset


def find(queryset: QuerySet[Contract], text: str) -> QuerySet[Contract]:
    """By part of the title in either language, of a party's name, or the number's beginning."""
    text = text.strip()
    if not text:
        return queryset
    found = Q(title_en__icontains=text) | Q(title_zh__icontains=text)
    found |= Q(number__startswith=text) | Q(parties__name__icontains=text)
    return queryset.filter(found).distinct()


def counts(queryset: QuerySet[Contract]) -> dict[str, int]:
    """Contracts in each tab, and `all`, in one query."""
    return queryset.aggregate(
        all=Count("pk", distinct=True),
        **{
            tab: Count("pk", filter=Q(state__in=sorted(wanted)), distinct=True)
            for tab, wanted in TABS.items()
        },
    )
