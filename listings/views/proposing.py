"""Proposed specifications at their step: taking, editing and dismissing, in the form of the step,
so that what was typed in it goes along."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from listings.actions.proposals import dismiss_proposals, propose_again
from listings.forms.pages import StepPage
from listings.forms.rows import Rows
from listings.models import Listing
from listings.proposals import Proposal, proposals_for
from listings.queries.proposals import dismissed_keys, proposed_for
from marketplace.core.actor import Actor

# Buttons of the panel; all but "edit" lead back to it.
BUTTONS = ("take", "dismiss", "propose_again")
_PREFIX = "specifications"


def proposals_context(listing: Listing, shown: Iterable[str] = ()) -> dict[str, object]:
    """For the template; shown: keys that stand in the form already."""
    dismissed = dismissed_keys(listing)
    offered = proposals_for(listing, listing.specifications.all(), dismissed)
    keys = set(shown)
    return {
        "proposals": [one for one in offered if one.key not in keys],
        "dismissed_count": len(dismissed),
    }


def pressed(data: QueryDict, name: str, offered: list[Proposal]) -> list[Proposal]:
    """The proposals of a pressed button; "all" is every one."""
    value = data.get(name, "")
    return offered if value == "all" else [one for one in offered if one.key == value]


def with_rows(
    request: HttpRequest, listing: Listing, data: QueryDict
) -> tuple[QueryDict, list[int]]:
    """The posted data with rows of what was taken or is to be edited, and where these stand.

    A blank row is filled before one is added. What is not proposed any more is said, and the rest
    is saved as if nothing had been pressed.
    """
    name = next((one for one in ("take", "edit") if one in data), "")
    if not name:
        return data, []
    chosen = pressed(data, name, proposed_for(listing))
    if not chosen:
        messages.warning(request, _("This is not proposed any more: the text was changed."))
        return data, []
    copy = data.copy()
    total = _total(copy)
    blank = [place for place in range(total) if _is_blank(copy, place)]
    places = []
    for proposal in chosen:
        place = blank.pop(0) if blank else total
        total = max(total, place + 1)
        for field, value in proposal.row().items():
            copy[f"{_PREFIX}-{place}-{field}"] = "" if value is None else str(value)
        places.append(place)
    copy[f"{_PREFIX}-TOTAL_FORMS"] = str(total)
    copy.setdefault(f"{_PREFIX}-INITIAL_FORMS", "0")
    return copy, places


def put_away(request: HttpRequest, actor: Actor, listing: Listing) -> None:
    """Dismiss what was pressed, or bring everything back."""
    if "propose_again" in request.POST:
        propose_again(actor=actor, listing_id=listing.pk)
    elif "dismiss" in request.POST:
        keys = {one.key for one in pressed(request.POST, "dismiss", proposed_for(listing))}
        dismiss_proposals(actor=actor, listing_id=listing.pk, keys=keys)


def point_at(page: StepPage, places: list[int]) -> None:
    """Put the cursor into the row that is to be edited."""
    if isinstance(page.rows, Rows) and places and places[0] < len(page.rows.forms):
        page.rows.forms[places[0]].fields["value"].widget.attrs["autofocus"] = True


def _total(data: QueryDict) -> int:
    written = data.get(f"{_PREFIX}-TOTAL_FORMS", "0")
    return int(written) if written.isdigit() and len(written) < 4 else 0


def _is_blank(data: QueryDict, place: int) -> bool:
    told = ("metric_en", "metric_zh", "value", "upper", "unit", "condition_en", "condition_zh",
            "compared_with_en", "compared_with_zh")  # fmt: skip
    return not any(data.get(f"{_PREFIX}-{place}-{name}", "").strip() for name in told)
