"""The design system for templates: ``{% load ui %}``.

Every component declares what it takes; an unknown argument fails when the template is compiled.
Output is escaped. The living page of all components is templates/style.html.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.utils.safestring import SafeString

from marketplace.core import theme
from marketplace.core.components import blocks, charts, fields, figures, marks, navigation, text
from marketplace.core.components import icons as icon_set

register = template.Library()

# Components that need nothing of the page: registered as they are.
for _component in (
    icon_set.icon,
    marks.trl_ladder,
    marks.level_badge,
    marks.verdict,
    marks.state_badge,
    marks.tier,
    marks.seal,
    marks.mark,
    marks.kbd,
    marks.monogram,
    figures.number,
    figures.amount,
    figures.percent,
    figures.price,
    figures.file_size,
    figures.when,
    figures.stat,
    figures.progress,
    figures.bar,
    charts.chart_bars,
    charts.chart_lines,
    text.text_of,
    text.bilingual,
    text.joined,
    navigation.crumb,
    navigation.tab,
    blocks.chip,
    blocks.filter_chip,
):
    register.simple_tag(_component)
for _block in (navigation.breadcrumb, navigation.tabs):
    register.simple_block_tag(_block)

Context = dict[str, Any]


@register.simple_tag
def badge(value: object, tone: str = "neutral", icon: str = "", title: str = "") -> SafeString:
    """See ``marks.badge``."""
    return marks.badge(value, tone=tone, icon_name=icon, title=title)


@register.simple_block_tag
def notice(content: SafeString, tone: str = "neutral", title: object = "") -> SafeString:
    """See ``blocks.notice``."""
    return blocks.notice(content, tone=tone, title=title)


@register.simple_block_tag
def empty_state(content: SafeString, title: object, icon: str = "list") -> SafeString:
    """See ``blocks.empty_state``."""
    return blocks.empty_state(content, title, icon_name=icon)


@register.simple_block_tag
def menu(content: SafeString, label: object, icon: str = "", css: str = "") -> SafeString:
    """See ``blocks.menu``."""
    return blocks.menu(content, label, icon_name=icon, css=css)


@register.simple_tag(takes_context=True)
def action_button(
    context: Context,
    url: str,
    label: object,
    tone: str = "",
    icon: str = "",
    name: str = "",
    value: str = "",
    key: str = "",
    small: bool = False,
) -> SafeString:
    """See ``blocks.action_button``."""
    return blocks.action_button(
        context, url, label, tone=tone, icon_name=icon, name=name, value=value, key=key, small=small
    )


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context,
    content: SafeString,
    label: object,
    url: str,
    tone: str = "danger",
    submit: object = "",
    icon: str = "",
    small: bool = False,
) -> SafeString:
    """See ``blocks.confirm``."""
    return blocks.confirm(
        context, content, label, url, tone=tone, submit=submit, icon_name=icon, small=small
    )


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    label: object = "",
    help: object = "",
    wide: bool = False,
    hide_label: bool = False,
    counter: bool = False,
    suffix: object = "",
) -> Context:
    """See ``fields.field_context``."""
    return fields.field_context(
        bound,
        label=label,
        help=help,
        wide=wide,
        hide_label=hide_label,
        counter=counter,
        suffix=suffix,
    )


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm, focus: bool = True) -> Context:
    """What stands against the whole form, with a link to every field that has an error.

    ``focus``: the summary takes the focus when the page opens, so nobody misses it.
    """
    return {
        "focus": focus,
        "form": form,
        "wrong": [bound for bound in form if bound.errors] if form.is_bound else [],
    }


@register.inclusion_tag("components/facet.html", takes_context=True)
def facet(
    context: Context,
    title: object,
    items: Any,
    param: str,
    multiple: bool = True,
    open: bool = True,
) -> Context:
    """Choices that narrow a list, with counts. See ``navigation.facet_items``."""
    listed = navigation.facet_items(context.get("request"), items, param, multiple)
    return {
        "title": title,
        "items": listed,
        "open": open or any(item["selected"] for item in listed),
        "chosen": sum(item["selected"] for item in listed),
    }


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Page[Any], param: str = navigation.PAGE_PARAM) -> Context:
    """Pages of a list; keeps the query string."""
    return navigation.pager_links(context.get("request"), page, param)


@register.simple_tag(takes_context=True)
def query_string(context: Context, **changes: Any) -> str:
    """ "?.." of this page with changes; None removes; the page number is dropped."""
    return navigation.with_query(context.get("request"), changes)


@register.simple_tag(takes_context=True)
def sort_link(context: Context, label: object, key: str, param: str = "sort") -> SafeString:
    """See ``navigation.sort_link``."""
    return navigation.sort_link(context.get("request"), label, key, param)


@register.inclusion_tag("components/steps.html")
def steps(items: Any, current: str) -> Context:
    """Where one is in a form of several steps."""
    return {"items": navigation.steps_of(items, current)}


# --- for base.html only --------------------------------------------------------------------------


@register.simple_block_tag(takes_context=True, end_name="endmain_nav")
def main_nav(context: Context, content: SafeString, css: str = "nav") -> SafeString:
    """Main navigation; the content is the key of the present room (block nav_current)."""
    request = context.get("request")
    items = navigation.nav_with_current(
        context.get("nav") or navigation.default_nav(),
        content.strip(),
        request.path if request is not None else "",
    )
    return SafeString(
        template.loader.render_to_string("components/main_nav.html", {"items": items, "css": css})
    )


@register.simple_tag(takes_context=True)
def html_theme(context: Context) -> SafeString:
    """`` data-theme="dark"`` when the reader chose a theme, else nothing."""
    return theme.attribute(context.get("request"))


@register.simple_tag(takes_context=True)
def chosen_theme(context: Context) -> str:
    """light, dark, or "" for as the device says."""
    return theme.chosen(context.get("request"))


@register.simple_tag
def url_if(name: str) -> str:
    """The address of a named page, or "" where the page does not exist."""
    return navigation.url_or_empty(name)
