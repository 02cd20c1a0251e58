"""The design system: components, formats, contrast of the tokens, and what strict pages need."""

import datetime as dt
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override

from marketplace.core import formatting, theme
from marketplace.core.components import fields
from marketplace.core.components.icons import icon_names

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"


def render(source: str, path: str = "/technologies/", **context: object) -> str:
    """A template with the library loaded, rendered as on a page at ``path``."""
    request = RequestFactory().get(path)
    template = Template("{% load ui i18n %}" + source)
    return template.render(Context({"request": request, **context}))


# --- figures and dates ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "currency", "english", "chinese"),
    [
        (0, "CNY", "¥0", "0 元"),
        ("860.5", "CNY", "¥860.50", "860.50 元"),
        (640000, "CNY", "¥640,000", "64 万元"),
        (1200000, "CNY", "¥1.2 M", "120 万元"),
        (9999, "CNY", "¥9,999", "9,999 元"),
        (99996000, "CNY", "¥100 M", "1 亿元"),
        (99999999, "CNY", "¥100 M", "1 亿元"),
        (999600000, "CNY", "¥1 bn", "10 亿元"),
        (3420000000, "CNY", "¥3.42 bn", "34.2 亿元"),
        (-2500000, "EUR", "−€2.5 M", "−250 万欧元"),
        (2500000, "CHF", "CHF 2.5 M", "250 万瑞士法郎"),
        (2500000, "INR", "INR 2.5 M", "250 万 INR"),
    ],
)
def test_money_counts_in_the_units_of_the_language(
    value: object, currency: str, english: str, chinese: str
) -> None:
    def plain(text: str) -> str:
        return text.replace("\u00a0", " ")

    number = Decimal(str(value))
    assert plain(formatting.amount_text(number, currency, language="en")) == english
    assert plain(formatting.amount_text(number, currency, language="zh-hans")) == chinese


def test_exact_money_keeps_every_digit() -> None:
    text = formatting.amount_text(Decimal("1234567.805"), "CNY", exact=True, language="en")
    assert text == "¥1,234,567.81"
    assert formatting.amount_text(1500, "JPY", exact=True, language="en") == "JP¥1,500"
    assert formatting.amount_text(None) == "–"


@pytest.mark.parametrize("value", [float("nan"), "infinity", "twelve"])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a"):
        formatting.to_decimal(value)  # type: ignore[arg-type]


def test_price_says_how_firm_it_is() -> None:
    def say(*parts: object) -> str:
        return formatting.price_text(*parts, language="en").replace("\u00a0", " ")  # type: ignore[arg-type]

    assert say(800000, 3000000, "CNY", "indicative") == "¥0.8–3 M, indicative"
    assert say(3000000, 800000, "CNY", None) == "¥0.8–3 M"
    assert say(1200000, 1200000, "CNY", "firm") == "¥1.2 M, firm"
    assert say(None, 500000, "GBP", None) == "up to £500,000"
    assert say(500000, None, "GBP", None) == "from £500,000"
    assert say(800, 3000000, "CNY", None) == "¥800–¥3 M"
    assert say(None, None, None, "negotiable") == "Negotiable"
    assert say(None, None, None, None) == "Not stated"
    with pytest.raises(ValueError, match="kind of price"):
        say(1, 2, "CNY", "cheap")
    chinese = formatting.price_text(800000, 3000000, "CNY", "indicative", language="zh-hans")
    assert chinese.replace("\u00a0", " ") == "80–300 万元（参考价）"


def test_dates_are_iso_in_tables_and_spelled_in_sentences() -> None:
    day = dt.date(2026, 11, 21)
    assert formatting.date_text(day, "date") == "2026-11-21"
    assert formatting.date_text(day, "long", "en") == "21\u00a0November 2026"
    assert formatting.date_text(day, "long", "zh-hans") == "2026年11月21日"
    assert formatting.date_text(day, "short", "zh-hans") == "11月21日"
    # late in the evening in London it is the next day in the market's time zone
    moment = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
    assert formatting.date_text(moment, "datetime") == "2026-11-21 07:30"
    with pytest.raises(ValueError, match="style of date"):
        formatting.date_text(day, "medium")


def test_relative_time_in_words() -> None:
    now = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)  # noon in Shanghai

    def say(**shift: float) -> str:
        return formatting.relative_text(now + dt.timedelta(**shift), now)

    assert say(seconds=-20) == "just now"
    assert say(minutes=-5) == "5 minutes ago"
    assert say(hours=-1) == "1 hour ago"
    assert say(hours=3) == "in 3 hours"
    assert say(hours=-13) == "yesterday"
    assert say(days=1) == "tomorrow"
    assert say(days=-12) == "12 days ago"
    assert say(days=-190) == "15\u00a0May 2026"
    assert formatting.deadline_text(now + dt.timedelta(days=9), now) == "9 days left"
    assert formatting.deadline_text(now, now) == "last day"
    assert formatting.deadline_text(now - dt.timedelta(days=1), now) == "1 day over"
    with override("zh-hans"):
        assert say(days=-1) == "昨天"
        assert say(days=18) == "18 天后"


def test_sizes_and_lists() -> None:
    assert formatting.size_text(0) == "0\u00a0B"
    assert formatting.size_text(3_412_000) == "3.41\u00a0MB"
    assert formatting.join_text(["a", "b"], "en") == "a, b"
    assert formatting.join_text(["甲", "乙"], "zh-hans") == "甲、乙"


# --- components -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        '{% badge "x" colour="red" %}',
        '{% icon "search" width=3 %}',
        '{% notice kind="warn" %}x{% endnotice %}',
        "{% trl_ladder %}",
        '{% stat 1 "x" unit="t" %}',
        '{% facet "x" items "p" sorted=True %}',
    ],
)
def test_an_unknown_argument_fails_when_the_template_is_read(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        render(source, items=[])


@pytest.mark.parametrize(
    "source",
    [
        '{% badge "x" tone="red" %}',
        '{% icon "unicorn" %}',
        '{% icon "search" size="huge" %}',
        "{% trl_ladder 10 %}",
        '{% level_badge "best" %}',
        '{% verdict "maybe" %}',
        '{% tier "secret" %}',
        '{% seal size="xl" %}',
        '{% when moment style="poetic" %}',
        '{% bilingual obj "title" tag="script" %}',
        '{% notice tone="loud" %}x{% endnotice %}',
        '{% action_button "/" "x" tone="loud" %}',
        '{% bar 1 2 tone="loud" %}',
        '{% steps items "absent" %}',
    ],
)
def test_an_unknown_value_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"unknown|out of"):
        render(source, moment=timezone.now(), obj={}, items=[{"key": "a", "label": "A"}])


EVIL = '"><script>alert(1)</script>'


@pytest.mark.parametrize(
    "source",
    [
        "{% badge evil title=evil %}",
        '{% icon "search" label=evil %}',
        "{% chip evil url=evil count=3 %}",
        "{% filter_chip evil evil %}",
        "{% kbd evil %}",
        "{% monogram evil %}",
        "{% stat evil evil note=evil url=evil %}",
        "{% seal label=evil %}",
        '{% state_badge "draft" evil %}',
        '{% verdict "met" note=evil %}',
        "{% progress 1 2 evil %}",
        "{% bar 1 2 evil %}",
        "{% crumb evil evil %}",
        "{% tab evil evil %}",
        "{% joined items %}",
        '{% bilingual obj "title" %}',
        "{% notice title=evil %}{{ evil }}{% endnotice %}",
        "{% empty_state evil %}{{ evil }}{% endempty_state %}",
        "{% menu evil %}{{ evil }}{% endmenu %}",
        "{% confirm evil evil submit=evil %}{{ evil }}{% endconfirm %}",
        "{% action_button evil evil name=evil value=evil key=evil %}",
        '{% facet evil choices "p" %}',
        "{% sort_link evil evil %}",
        "{% breadcrumb %}{% crumb evil evil %}{% endbreadcrumb %}",
    ],
)
def test_output_is_escaped(source: str) -> None:
    html = render(
        source,
        evil=EVIL,
        items=[EVIL],
        obj={"title_en": EVIL},
        choices=[{"value": EVIL, "label": EVIL, "count": 1}],
    )
    assert "<script" not in html
    assert "&lt;script" in html or "script%3E" in html or "monogram" in html


def test_bilingual_text_carries_its_language() -> None:
    both = {"title_en": "Fan", "title_zh": "风扇"}
    source = '{% bilingual obj "title" tag="h2" css="x" %}'
    assert render(source, obj=both) == '<h2 lang="en" class="x">Fan</h2>'
    with override("zh-hans"):
        assert render(source, obj=both) == '<h2 lang="zh-Hans" class="x">风扇</h2>'
        only = render('{% bilingual obj "title" %}', obj={"title_en": "Fan", "title_zh": ""})
        assert only == '<span lang="en">Fan</span>'
    assert render('{% bilingual obj "title" %}', obj={}) == ""


def test_verdict_speaks_without_colour() -> None:
    html = render('{% verdict "unmet" note="12 dB too loud" %}')
    assert "#close" in html
    assert "unmet" in html
    assert "12 dB too loud" in html


def test_trl_ladder_has_nine_rungs_and_one_target() -> None:
    html = render("{% trl_ladder 6 target=8 %}")
    assert html.count("<rect") == 9
    assert html.count("is-reached") == 6
    assert html.count("is-target") == 1
    assert "<rect" not in render("{% trl_ladder 6 compact=True %}")


def test_facet_switches_keep_the_rest_and_never_dead_end() -> None:
    items = [
        {"value": "a", "label": "A", "count": 5},
        {"value": "b", "label": "B", "count": 0},
        {"value": "c", "label": "C", "count": None},
    ]
    html = render('{% facet "F" items "f" %}', "/technologies/?q=x&f=a&page=3", items=items)
    links = re.findall(r'<a [^>]*href="([^"]*)"', html)
    assert links[0] == "?q=x"  # switches A off, and the page number goes
    assert "?q=x&amp;f=a&amp;f=c" in links
    assert 'is-dead"' in html and len([x for x in links if "f=b" in x]) == 0
    single = render('{% facet "F" items "f" multiple=False %}', "/technologies/?f=a", items=items)
    assert 'href="?f=c"' in single


def test_pager_keeps_the_query_string() -> None:
    page = Paginator(range(100), 10).page(5)
    html = render("{% pager page %}", "/technologies/?q=a%26b&page=5", page=page)
    assert 'href="?q=a%26b&amp;page=6"' in html
    assert 'href="?q=a%26b" aria-label="Page 1"' in html
    assert "41 to 50 of" in html
    assert render("{% pager page %}", page=Paginator([], 10).page(1)).strip() == ""


def test_sort_link_turns_round() -> None:
    assert "?sort=-trl" in render('{% sort_link "TRL" "trl" %}', "/?sort=trl&page=2")
    assert 'href="?sort=trl"' in render('{% sort_link "TRL" "trl" %}', "/?sort=-trl")


def test_action_button_posts_with_a_token() -> None:
    html = render(
        '{% action_button "/x/" "Later" key="L" name="answer" value="later" %}', csrf_token="t0k"
    )
    assert 'method="post"' in html
    assert 'name="csrfmiddlewaretoken" value="t0k"' in html
    assert 'data-key="L"' in html
    assert 'name="answer" value="later"' in html


# --- forms ----------------------------------------------------------------------------------------


class SmallForm(forms.Form):
    title = forms.CharField(max_length=20, help_text="Say the claim.")
    amount = forms.DecimalField(required=False)
    mode = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)


def test_field_ties_label_help_and_errors_together() -> None:
    form = SmallForm({"title": "", "amount": "12,00,0", "mode": "a"})
    html = render("{% field form.title counter=True %}{% field form.amount %}", form=form)
    assert '<label class="field__label" for="id_title">' in html
    assert 'aria-describedby="id_title_help id_title_errors"' in html
    assert 'aria-invalid="true"' in html
    assert 'data-counted="id_title_count"' in html
    # nothing typed is lost, not even what a number field of a browser would drop
    assert 'value="12,00,0"' in html
    assert 'type="number"' not in html
    assert 'inputmode="decimal"' in html


def test_a_group_of_choices_is_a_fieldset_with_a_legend() -> None:
    html = render("{% field form.mode %}", form=SmallForm())
    assert html.startswith("<fieldset")
    assert "<legend" in html


def test_a_misspelt_field_fails_loudly() -> None:
    with pytest.raises(TypeError, match="needs a form field"):
        fields.field_context("")  # type: ignore[arg-type]


def test_form_errors_lead_to_the_fields() -> None:
    form = SmallForm({"title": "", "mode": "a"})
    html = render("{% form_errors form %}", form=form)
    assert 'role="alert"' in html
    assert 'href="#id_title"' in html
    assert render("{% form_errors form %}", form=SmallForm()).strip() == ""


# --- theme ----------------------------------------------------------------------------------------


def test_theme_is_drawn_by_the_server() -> None:
    request = RequestFactory().get("/")
    assert theme.attribute(request) == ""
    request.COOKIES["theme"] = "dark"
    assert theme.attribute(request) == ' data-theme="dark"'
    request.COOKIES["theme"] = '"><script>'
    assert theme.attribute(request) == ""


def test_theme_choice_goes_back_to_this_site_only() -> None:
    factory = RequestFactory()
    answer = theme.set_theme(factory.post("/theme/", {"theme": "dark", "next": "/needs/?q=1"}))
    assert answer.status_code == 302
    assert answer["Location"] == "/needs/?q=1"
    assert answer.cookies["theme"].value == "dark"
    away = theme.set_theme(factory.post("/theme/", {"theme": "auto", "next": "//evil.example"}))
    assert away["Location"] == "/"
    assert away.cookies["theme"]["max-age"] == 0
    assert theme.set_theme(factory.get("/theme/")).status_code == 405


# --- tokens ---------------------------------------------------------------------------------------


def blocks_of_tokens() -> dict[str, dict[str, str]]:
    """Colour tokens of the light block and of both dark ones."""
    text = re.sub(r"/\*.*?\*/", "", (CSS / "tokens.css").read_text(encoding="utf-8"), flags=re.S)

    def tokens(start: str) -> dict[str, str]:
        body = text[text.index(start) :]
        body = body[body.index("{") + 1 : body.index("}")]
        return {k: v.strip() for k, v in re.findall(r"--([\w-]+):\s*([^;]+);", body)}

    return {
        "light": tokens(':root,\n[data-theme="light"]'),
        "system": tokens(":root:not([data-theme])"),
        "dark": tokens('\n[data-theme="dark"]'),
    }


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(c * 2 for c in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_both_dark_blocks_are_equal() -> None:
    found = blocks_of_tokens()
    assert found["system"] == found["dark"]
    assert set(found["light"]) == set(found["dark"])


@pytest.mark.parametrize("name", ["light", "dark"])
def test_contrast_of_the_tokens(name: str) -> None:
    """AAA (7) for body text, AA (4.5) for all other text, 3 for the edges of controls."""
    colours = blocks_of_tokens()[name]
    grounds = ("paper", "surface", "sunken")
    wanted = [
        *[("ink", ground, 7.0) for ground in (*grounds, "chip", "accent-wash", "warn-wash")],
        *[("ink-soft", ground, 7.0) for ground in grounds],
        *[("ink-faint", ground, 4.5) for ground in grounds],
        *[(ink, ground, 4.5) for ink in ("accent", "seal-ink", "warn-ink") for ground in grounds],
        ("ink-soft", "chip", 4.5),
        ("ink-faint", "chip", 4.5),
        ("accent-ink", "accent-wash", 4.5),
        ("seal-ink", "seal-wash", 4.5),
        ("warn-ink", "warn-wash", 4.5),
        ("on-accent", "accent", 4.5),
        ("on-accent", "accent-strong", 4.5),
        ("control-line", "surface", 3.0),
        ("control-line", "paper", 3.0),
        *[(f"series-{n}", "paper", 1.9) for n in range(1, 7)],
    ]
    poor = [
        f"{ink} on {ground}: {contrast(colours[ink], colours[ground]):.2f} < {least}"
        for ink, ground, least in wanted
        if contrast(colours[ink], colours[ground]) < least
    ]
    assert not poor


def test_components_name_tokens_not_colours() -> None:
    """One place to change a colour; and every token that is used exists."""
    tokens = set(re.findall(r"--([\w-]+)\s*:", (CSS / "tokens.css").read_text(encoding="utf-8")))
    for path in [
        *CSS.glob("components/*.css"),
        *CSS.glob("pages/*.css"),
        CSS / "base.css",
        CSS / "layout.css",
    ]:
        text = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert not re.findall(r":[^;{}]*#[0-9a-f]{3,8}\b", text), path.name
        unknown = set(re.findall(r"var\(--([\w-]+)", text)) - tokens
        assert not unknown, f"{path.name}: {unknown}"


# --- pages ----------------------------------------------------------------------------------------


class Strict(HTMLParser):
    """Collects what a strict content policy or a screen reader would stumble over."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if len(names) != len(attrs):
            self.faults.append(f"attribute twice on <{tag}>: {attrs}")
        if "style" in names or tag == "style":
            self.faults.append(f"inline style on <{tag}>")
        if tag == "script" and "src" not in names:
            self.faults.append("inline script")
        self.faults += [f"inline handler {n} on <{tag}>" for n in names if re.match(r"on[a-z]", n)]
        if names.get("id"):
            self.ids.append(str(names["id"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))


def checked(html: str) -> Strict:
    parser = Strict()
    parser.feed(html)
    assert not parser.faults
    doubled = {name for name in parser.ids if parser.ids.count(name) > 1}
    assert not doubled
    return parser


def test_sprite_and_icons_agree() -> None:
    assert len(icon_names()) >= 40
    used = set()
    for path in (ROOT / "templates").rglob("*.html"):
        used |= set(re.findall(r'{% icon "([\w-]+)"', path.read_text(encoding="utf-8")))
    assert used <= icon_names()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.django_db
def test_style_page_shows_everything(client: object, language: str) -> None:
    client.cookies["language"] = language  # type: ignore[attr-defined]
    answer = client.get("/style/")  # type: ignore[attr-defined]
    html = answer.content.decode()
    assert answer.status_code == 200
    assert checked(html).headings.count(1) == 1
    assert ('<html lang="zh-Hans"' in html) == (language == "zh-hans")
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_error_pages_say_what_to_do(client: object) -> None:
    answer = client.get("/nothing/here/")  # type: ignore[attr-defined]
    assert answer.status_code == 404
    html = answer.content.decode()
    checked(html)
    assert "nothing here" in html.lower()


def test_server_error_page_needs_nothing() -> None:
    """It speaks both languages, since nothing can be asked of a server that fails."""
    html = (ROOT / "templates" / "errors" / "500.html").read_text(encoding="utf-8")
    assert "{%" not in html
    assert "{{" not in html
    assert "系统出错了" in html
    checked(html)
