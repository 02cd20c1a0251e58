"""Words about people and organisations, for templates."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.models.memberships import Role
from marketplace.core import regions
from marketplace.core.api.permissions import SCOPES
from marketplace.core.bilingual import is_chinese
from marketplace.core.codes import ALL_LISTS

register = template.Library()


@register.simple_tag
def place(thing: Any) -> str:
    """Where an organisation (or anything with country and region) is, in the reader's language."""
    return regions.place(thing.country, thing.region, get_language())


@register.simple_tag
def country(code: str) -> str:
    return regions.country_name(code, get_language())


@register.simple_tag
def code_label(list_name: str, code: str) -> str:
    """The name of a code in the reader's language."""
    return ALL_LISTS[list_name].label(code)


@register.simple_tag
def code_help(list_name: str, code: str) -> str:
    entry = ALL_LISTS[list_name].get(code)
    return entry.help() if entry else ""


@register.filter
def role_labels(roles: Iterable[str]) -> list[str]:
    """Names of roles, for {% joined %}."""
    return [str(Role(role).label) for role in roles]


@register.filter
def field_labels(codes: Iterable[str]) -> list[str]:
    """Names of technology fields."""
    return [ALL_LISTS["fields"].label(code) for code in codes]


@register.filter
def scope_label(scope: str) -> str:
    return str(SCOPES.get(scope, scope))


# what stands in the header of a browser -> its name; the first that is found
_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@register.filter
def browser_words(header: str) -> str:
    """ "Chrome, Windows" for a User-Agent header; the header itself, cut, when it says neither."""
    found = [
        next((name for sign, name in signs if sign in header), "")
        for signs in (_BROWSERS, _SYSTEMS)
    ]
    words = ", ".join(name for name in found if name)
    return words or header[:60] or str(_("unknown"))


@register.simple_tag
def other_name(organisation: Organisation) -> dict[str, str]:
    """The name in the language that the reader did not choose, with its tag; empty when none."""
    chinese = is_chinese(get_language())
    value = organisation.name_en if chinese else organisation.name_zh
    shown = organisation.name_zh if chinese else organisation.name_en
    if not value or not shown:
        return {}
    return {"value": value, "lang": "en" if chinese else "zh-Hans"}


# section: (address, label, address names of its pages)
_SECTIONS = (
    ("account", _("Overview"), ()),
    ("account_profile", _("Profile"), ()),
    ("my_organisations", _("Organisations"), ()),
    ("expert_profile", _("Expert finder"), ()),
    (
        "mfa_index",
        _("Security"),
        ("account_email", "account_change_password", "account_set_password", "usersessions_list"),
    ),
    ("qualifications", _("Certificates"), ("qualification_new", "qualification_edit")),
    ("api_tokens", _("API tokens"), ()),
    ("mail_preferences", _("Mail"), ()),
    ("account_data", _("Your data"), ("account_close",)),
)


@register.inclusion_tag("accounts/partials/account_tabs.html", takes_context=True)
def account_tabs(context: template.Context) -> dict[str, Any]:
    """The parts of one's account as tabs; the present one is marked."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    here = (match.url_name or "") if match else ""
    return {
        "items": [
            {
                "url": reverse(name),
                "label": label,
                "current": here == name
                or here in others
                or (name == "mfa_index" and here.startswith("mfa_")),
            }
            for name, label, others in _SECTIONS
        ]
    }


@register.simple_tag
def founding_steps(organisation: Organisation | None) -> list[dict[str, Any]]:
    """Facts, verification, people: for {% steps %}."""
    urls = {
        name: reverse(f"organisation_{name}", args=[organisation.public_id]) if organisation else ""
        for name in ("edit", "verify", "members")
    }
    return [
        {"key": "facts", "label": _("Facts"), "url": urls["edit"], "done": bool(organisation)},
        {
            "key": "verification",
            "label": _("Verification"),
            "url": urls["verify"],
            "done": bool(organisation and organisation.is_verified),
        },
        {"key": "people", "label": _("People"), "url": urls["members"]},
    ]


@register.simple_tag
def tti_types() -> list[Any]:
    """The four types with their meaning."""
    return [{"name": code.name(), "help": code.help()} for code in ALL_LISTS["tti_types"]]


@register.simple_tag(takes_context=True)
def optional(context: template.Context, name: str) -> SafeString | str:
    """A part of the page that a room above gives, in the same context; nothing when there is none.

    Rooms above know this one and not the other way round, so the page cannot name them by import.
    """
    try:
        found = get_template(name)
    except template.TemplateDoesNotExist:
        return ""
    return found.template.render(context)  # type: ignore[attr-defined,no-any-return]
