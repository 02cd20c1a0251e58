"""The living style page: every token and component in every state, in both themes.

It is a page of the product (``/style/``), so the design system is seen, tested and translated with
the same means as everything else. The samples are invented; nothing is read from the database.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from marketplace.core.components.icons import icon_names

COLOURS = (
    ("paper", "surface", "sunken", "chip", "line", "line-strong"),
    ("ink", "ink-soft", "ink-faint"),
    ("accent", "accent-strong", "accent-ink", "accent-wash"),
    ("seal", "seal-ink", "seal-wash", "warn-ink", "warn-line", "warn-wash"),
    ("series-1", "series-2", "series-3", "series-4", "series-5", "series-6"),
)
TEXT_SIZES = ("4xl", "3xl", "2xl", "xl", "lg", "md", "sm", "xs")
SPACES = (("1", 4), ("2", 8), ("3", 12), ("4", 16), ("5", 24), ("6", 32), ("7", 48), ("8", 72))


class SampleForm(forms.Form):
    """One control of each kind."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=90,
        help_text=gettext_lazy("Say the claim: what it does, by how much, under which condition."),
    )
    field = forms.ChoiceField(
        label=gettext_lazy("Technology field"),
        choices=[
            ("new_materials", gettext_lazy("New materials")),
            ("new_energy", gettext_lazy("New energy and efficient energy saving")),
        ],
    )
    summary = forms.CharField(
        label=gettext_lazy("Summary"), widget=forms.Textarea(attrs={"rows": 3}), max_length=300
    )
    amount = forms.DecimalField(label=gettext_lazy("Total amount"), required=False)
    modes = forms.MultipleChoiceField(
        label=gettext_lazy("Transfer modes"),
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("exclusive_licence", gettext_lazy("Exclusive licence")),
            ("ordinary_licence", gettext_lazy("Ordinary licence")),
            ("joint_development", gettext_lazy("Joint development")),
        ],
        required=False,
    )
    disclosure = forms.ChoiceField(
        label=gettext_lazy("Who may read the detail"),
        widget=forms.RadioSelect,
        choices=[
            ("members", gettext_lazy("Verified members")),
            ("confidential", gettext_lazy("Parties with a non-disclosure agreement")),
        ],
        initial="members",
    )
    file = forms.FileField(label=gettext_lazy("Test report"), required=False)
    agreed = forms.BooleanField(
        label=gettext_lazy("I may offer this technology on behalf of its owners.")
    )


def _forms(prefix: str) -> dict[str, SampleForm]:
    """An untouched form and one that came back with errors."""
    wrong = SampleForm(
        {
            f"{prefix}-wrong-title": "",
            f"{prefix}-wrong-field": "new_energy",
            f"{prefix}-wrong-summary": _("Keeps 84% of its capacity at −40 °C and 0.5 C."),
            f"{prefix}-wrong-amount": "12,00,0",
        },
        prefix=f"{prefix}-wrong",
    )
    fresh = SampleForm(
        prefix=f"{prefix}-fresh",
        initial={"title": _("Fluorinated ester electrolyte for −40 °C pouch cells")},
    )
    return {"fresh": fresh, "wrong": wrong}


def samples() -> dict[str, Any]:
    """Values for the components."""
    now = timezone.now()
    return {
        "moments": [
            now - dt.timedelta(minutes=5),
            now - dt.timedelta(days=1, hours=1),
            now - dt.timedelta(days=12),
            now - dt.timedelta(days=190),
            now + dt.timedelta(days=18),
        ],
        "deadline": now + dt.timedelta(days=9),
        "amounts": [Decimal("860.50"), Decimal(640000), Decimal(1200000), Decimal(3420000000)],
        "bilingual": {
            "title_en": "Solid-state separator that survives nail penetration at 4.5 V",
            "title_zh": "4.5 V 下通过针刺试验的固态隔膜",
        },
        "chinese_only": {"title_en": "", "title_zh": "面向织物的在线瑕疵检测系统"},
        "english_only": {"title_en": "Quiet ventilation fan, 38 dB(A) at 300 m³/h", "title_zh": ""},
        "facet": [
            {
                "value": "new_energy",
                "label": _("New energy and efficient energy saving"),
                "count": 1208,
            },
            {"value": "new_materials", "label": _("New materials"), "count": 1630},
            {"value": "aerospace", "label": _("Aerospace"), "count": 178},
            {"value": "nuclear", "label": _("Nuclear applications"), "count": 0},
        ],
        "steps": [
            {"key": key, "label": label, "url": f"?step={key}", "done": done}
            for key, label, done in (
                ("claim", pgettext("posting step", "Claim"), True),
                ("evidence", pgettext("posting step", "Evidence"), True),
                ("rights", pgettext("posting step", "Rights"), False),
                ("terms", pgettext("posting step", "Terms"), False),
                ("preview", pgettext("posting step", "Preview"), False),
            )
        ],
        "charts": {
            "labels": ["2022", "2023", "2024", "2025"],
            "bars": [212, 340, 355, 512],
            "lines": [
                (_("Offered"), [1208, 1630, None, 2117]),
                (_("Sought"), [640, 702, 811, 930]),
            ],
            "rows": [
                ("2022", 212, 1208, 640),
                ("2023", 340, 1630, 702),
                ("2024", 355, None, 811),
                ("2025", 512, 2117, 930),
            ],
        },
        "fields": [
            (_("Electronic information"), 3204),
            (_("Advanced manufacturing"), 2117),
            (_("New materials"), 1630),
            (_("Aerospace"), 178),
        ],
    }


def style_page(request: HttpRequest) -> HttpResponse:
    """GET /style/: the page itself."""
    page = Paginator(range(480), 20).get_page(request.GET.get("page", 4))
    context = {
        "colours": COLOURS,
        "text_sizes": TEXT_SIZES,
        "spaces": SPACES,
        "icons": sorted(icon_names()),
        "page": page,
        "levels": [("strong", 92), ("fairly_strong", 68), ("weak", 41)],
        "verdicts": ["met", "nearly", "unmet", "unknown"],
        "tones": ["neutral", "accent", "warn", "danger", "seal", "outline"],
        "notice_tones": ["neutral", "accent", "warn", "danger"],
        "themes": [
            ("light", pgettext("theme", "Light"), _forms("light")),
            ("dark", pgettext("theme", "Dark"), _forms("dark")),
        ],
        **samples(),
    }
    return render(request, "style.html", context)
