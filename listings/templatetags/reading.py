"""{% load reading %}: what lists and pages of listings show."""

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from listings.disclosure import Disclosed
from listings.models.listings import Kind
from listings.queries.browse import of_organisation
from marketplace.core.actor import Actor
from marketplace.core.bilingual import Text, is_chinese, pick
from marketplace.core.codes import ALL_LISTS, IP_KINDS
from marketplace.core.components.marks import badge
from marketplace.core.formatting import join_text

register = template.Library()


@register.filter
def first_names(codes: list[str], list_name: str) -> str:
    """The first two names of codes, and how many more there are."""
    names = [ALL_LISTS[list_name].label(code) for code in codes]
    shown = join_text(names[:2])
    return f"{shown} +{len(names) - 2}" if len(names) > 2 else shown


@register.simple_tag
def badge_trl(level: int) -> SafeString:
    """The least readiness that a need asks for."""
    return badge(_("TRL %(level)s or higher") % {"level": level})


@register.simple_tag
def other_language(obj: Any, name: str) -> str:
    """ "EN" or "中文" where the text is not in the reader's language, else ""."""
    text = pick(obj, name, get_language())
    if not text.value or is_chinese(text.lang) == is_chinese(get_language()):
        return ""
    return "中文" if is_chinese(text.lang) else "EN"


@register.simple_tag(takes_context=True)
def posted_by(context: template.Context, public_id: str) -> list[dict[str, Any]]:
    """What an organisation posted under its name, by kind: rows (Disclosed), total, kind."""
    actor: Actor = context.get("actor") or Actor.visitor()
    found = []
    for kind in Kind:
        rows, total = of_organisation(public_id, actor, kind.value)
        if rows:
            found.append({"kind": kind.value, "rows": rows, "total": total})
    return found


@register.simple_tag
def badge_right(kind: str, number: int) -> SafeString:
    """2 × invention patent."""
    name = IP_KINDS.label(kind)
    return badge(f"{number} × {name}" if number > 1 else name)


@register.simple_tag
def other_title(seen: Disclosed) -> Text | None:
    """The title in the language that the reader does not read first, when there are two."""
    if not (seen.title_en and seen.title_zh):
        return None
    if is_chinese(get_language()):
        return Text(seen.title_en, "en")
    return Text(seen.title_zh, "zh-Hans")


@register.simple_tag
def words_in(obj: Any, name: str) -> list[str]:
    """A list in the reader's language, else in the other one."""
    chinese, english = getattr(obj, f"{name}_zh"), getattr(obj, f"{name}_en")
    found: list[str] = (chinese or english) if is_chinese(get_language()) else (english or chinese)
    return found
