"""{% load matching_parts %}: matches in templates, of this room and of those above."""

from typing import TYPE_CHECKING, Any

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from listings import display
from listings.disclosure import Disclosed
from marketplace.core.bilingual import pick
from marketplace.core.codes import TRANSFER_MODES
from marketplace.core.components.marks import level_names
from marketplace.core.components.text import text_of
from marketplace.core.formatting import join_text
from matching.desk_rows import rows_of
from matching.forms_desk import BulkForm
from matching.models import Answer, Match, MatchRun, Reason
from matching.pipeline.specifications import Verdict
from matching.queries.desk import desk_of
from matching.queries.inbox import of_listing, with_listings
from matching.readings import Reading, read_many
from matching.terms import SharedTerm

if TYPE_CHECKING:
    from marketplace.core.actor import Actor

register = template.Library()
ROWS = 5


@register.simple_tag(takes_context=True)
def matches_of(context: dict[str, Any], listing: Disclosed) -> dict[str, Any]:
    """The best matches of one's own listing, for its page: rows (Reading), total, url, waits (not
    matched yet), shown (False for everybody else and while it is not published)."""
    actor: Actor = context["actor"]
    side = "technology" if listing.is_technology else "need"
    if not listing.is_own or listing.is_revision or listing.state != "published":
        return {"shown": False, "rows": []}
    found = of_listing(listing.pk, actor, side)
    return {
        "shown": True,
        "rows": read_many(with_listings(found)[:ROWS], actor, side),
        "total": found.order_by().count(),
        "url": f"{reverse('matches')}?side={side}&listing={listing.public_id}&show=all",
        "waits": not MatchRun.objects.filter(pk=listing.pk).exists(),
    }


@register.simple_tag
def claimed_figure(row: Verdict[Any]) -> SafeString:
    """What is claimed, in the unit of what is required; as it was stated, small beside it."""
    stated = display.value_text(row.claimed)
    text = display.value_text_in(row.claimed, row.required.unit)
    if not text:
        return conditional_escape(stated)
    note = _("stated as %(value)s") % {"value": stated}
    return format_html('<div>{}<p class="small faint">{}</p></div>', text, note)


@register.simple_tag(takes_context=True)
def client_sides(context: dict[str, Any], reading: Reading) -> list[dict[str, Any]]:
    """For a broker between the two: the sides that let it answer, each with an empty form."""
    desk = desk_of(context["actor"])
    if not desk.clients:
        return []
    match = with_listings(Match.objects.filter(pk=reading.pk)).get()
    return [
        {
            "side": side.side, "listing": side.listing, "answer": side.answer,
            "other_answer": side.other_answer, "form": BulkForm(auto_id=f"id_{side.side}_%s"),
        }
        for side in rows_of([match], desk)[0].sides
        if not side.is_own
    ]  # fmt: skip


@register.filter
def is_broker_of_verified(actor: "Actor") -> bool:
    """Whether to offer what brokers do; the pages themselves ask for a transfer institution."""
    return any("broker" in actor.roles[pk] or actor.can(pk) for pk in actor.verified_ids)


@register.filter
def name_text(named: Any) -> str:
    return pick(named, "name", get_language()).value


@register.simple_tag(takes_context=True)
def inbox_url(context: dict[str, Any], name: str, *args: str, **changes: Any) -> str:
    """An address of this room with the filters of the present page; None takes one away."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is None:
        return reverse(name, args=args)
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = value
    tail = query.urlencode()
    return reverse(name, args=args) + (f"?{tail}" if tail else "")


@register.simple_tag
def reading_title(reading: Reading) -> SafeString:
    """The other side's title with its language; for a blind pair what it is."""
    return text_of(reading.title(get_language()))


@register.simple_tag
def verdict_line(reading: Reading) -> str:
    """ "2 of 4 met, 1 nearly, 1 unknown", or what can be said without specifications."""
    if reading.is_blind:
        return _("Nothing is shown of it yet")
    line = counts_line(reading.reasons.verdicts)
    if reading.hidden_fits:
        hidden = _("details not shown to you also fit")
        return join_text([line, hidden]) if line else hidden[:1].upper() + hidden[1:]
    return line or _("No specifications to compare")


@register.simple_tag
def counts_line(verdicts: dict[str, int]) -> str:
    """Counts of verdicts as one line; "" when nothing is required."""
    total = sum(verdicts.values())
    if not total:
        return ""
    parts = [_("%(met)s of %(total)s met") % {"met": verdicts["met"], "total": total}]
    if verdicts["nearly"]:
        parts.append(_("%(number)s nearly") % {"number": verdicts["nearly"]})
    if verdicts["unmet"]:
        parts.append(_("%(number)s unmet") % {"number": verdicts["unmet"]})
    if verdicts["unknown"]:
        parts.append(_("%(number)s unknown") % {"number": verdicts["unknown"]})
    return str(_(", ")).join(parts)


@register.simple_tag
def shared_term(term: SharedTerm) -> SafeString:
    """A term in both languages, each marked as what it is."""
    parts = [(lang, text) for lang, text in (("zh-Hans", term.zh), ("en", term.en)) if text]
    return format_html_join(" / ", '<span lang="{}">{}</span>', parts)


@register.filter
def level_name(level: str) -> str:
    return level_names()[level]


@register.filter
def answer_name(answer: str) -> str:
    return str(Answer(answer).label)


@register.filter
def reason_name(reason: str) -> str:
    return str(Reason(reason).label) if reason in Reason.values else ""


@register.filter
def mode_name(mode: str) -> str:
    return TRANSFER_MODES.label(mode)


@register.filter
def title_text(listing: Any) -> str:
    return pick(listing, "title", get_language()).value


@register.filter
def languages_of(listing: Disclosed) -> list[str]:
    """EN, 中文: in which a listing is written."""
    found = []
    if listing.title_zh or listing.body_zh:
        found.append("中文")
    if listing.title_en or listing.body_en:
        found.append("EN")
    return found
