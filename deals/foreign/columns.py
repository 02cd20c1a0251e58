"""Columns of a table of foreign projects, and a row of it as facts of a project.

Columns are known by code or by their name in either language; fields and countries by code or name.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache, partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext, pgettext_lazy

from contracts.imports.places import country_of
from contracts.imports.refusals import no_country
from deals.models.cases import MAX_TITLE
from deals.models.foreign_projects import MAX_NAME, MAX_REFERENCE, MAX_SUMMARY
from listings.imports.reasons import both
from marketplace.core.cleaning import clean_text
from marketplace.core.codes.lists import FIELDS, SUB_FIELDS
from marketplace.core.errors import Message

REFERENCE, TITLE = "reference", "title"
NEEDED = (REFERENCE, TITLE)
_LABELS: dict[str, str | Promise] = {
    REFERENCE: pgettext_lazy("project", "Reference"),
    TITLE: pgettext_lazy("project", "Title"),
    "other_title": _("Title in the other language"),
    "owner_name": _("Owner organisation"),
    "country": _("Country or area"),
    "field": _("Technology field"),
    "trl": _("Readiness level (TRL)"),
    "summary": _("Summary"),
    "contact": pgettext_lazy("project", "Contact"),
    "programme": _("Source or programme"),
    "website": _("Website"),
}
# Other names that tables have for a column.
_ALSO = {
    "id": REFERENCE, "no.": REFERENCE, "number": REFERENCE, "ref": REFERENCE,
    "project id": REFERENCE, "编号": REFERENCE, "项目编号": REFERENCE, "序号": REFERENCE,
    "name": TITLE, "project": TITLE, "project name": TITLE, "项目名称": TITLE, "名称": TITLE,
    "英文名称": "other_title", "中文名称": "other_title", "外文名称": "other_title",
    "other title": "other_title", "owner": "owner_name", "organisation": "owner_name",
    "organization": "owner_name", "company": "owner_name", "单位": "owner_name",
    "持有单位": "owner_name", "所属单位": "owner_name", "国家": "country", "国别": "country",
    "国家/地区": "country", "技术领域": "field", "领域": "field", "sector": "field",
    "成熟度": "trl", "技术成熟度": "trl", "简介": "summary", "项目简介": "summary",
    "description": "summary", "abstract": "summary", "联系人": "contact",
    "contact person": "contact",
    "来源": "programme", "source": "programme", "source/programme": "programme",
    "program": "programme", "计划": "programme", "网站": "website", "网址": "website",
    "url": "website", "homepage": "website", "country": "country", "title": TITLE,
}  # fmt: skip
_LONGEST = {
    REFERENCE: MAX_REFERENCE, TITLE: MAX_TITLE, "other_title": MAX_TITLE, "owner_name": MAX_NAME,
    "summary": MAX_SUMMARY, "programme": MAX_NAME, "contact": 300, "website": 300,
}  # fmt: skip
_LINES = frozenset({"summary"})  # cells that may have several lines
_LEVEL = re.compile(r"(?:(?:TRL|第)[\s:：-]*)?([1-9])\s*级?", re.IGNORECASE)
_MAIL = re.compile(r"[^\s<>()\[\],;，；:：]+@[^\s<>()\[\],;，；:：]+")
_PHONE = re.compile(r"\+?\d[\d ()./-]{5,38}")
_SHOWN = 12


def columns() -> dict[str, str]:
    """Code -> name in the active language, in the order of the template."""
    return {code: str(name) for code, name in _LABELS.items()}


def column_name(code: str) -> str:
    """In the active language; a name of the file's own stays."""
    return str(_LABELS.get(code, code))


def code_of(name: str) -> str | None:
    """The column that a table calls so; None for one that means nothing here."""
    return _known().get(_plain(name))


def missing_columns(names: Iterable[str]) -> list[str]:
    """Codes of columns without which no row can be taken."""
    known = {code_of(name) for name in names}
    return [code for code in NEEDED if code not in known]


def repeated_columns(names: Iterable[str]) -> list[str]:
    """Codes of columns that several columns of the table mean."""
    codes = [code for name in names if (code := code_of(name))]
    return sorted({code for code in codes if codes.count(code) > 1})


def key_of(reference: str) -> str:
    """By which a reference is known again: "EU-7 ", also in full-width letters, is "eu-7"."""
    return " ".join(unicodedata.normalize("NFKC", reference).split()).casefold()


def named(row: Mapping[str, Any]) -> tuple[str, str]:
    """Reference and title of a row, also of one that cannot be read."""
    cells = _cells(row)
    found = []
    for code in NEEDED:
        text = re.sub(
            r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]+", " ", cells.get(code, "")
        )
        text = unicodedata.normalize("NFC", text)
        found.append(" ".join(text.split())[: _LONGEST[code]])
    return found[0], found[1]


def read_row(row: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """(facts by code of column, faults). contact: a dict of name, mail and phone. A fault is
    {"column": code, "text_en": ..., "text_zh": ...}."""
    facts: dict[str, Any] = {}
    faults: list[dict[str, str]] = []
    cells = _cells(row)
    for code in _LABELS:
        text, wrong = _cleaned(code, cells.get(code, ""))
        value: Any = text
        if wrong is None and text and code in _READERS:
            value, wrong = _READERS[code](text)
        if wrong is None and not text and code in NEEDED:
            wrong = _EMPTY[code]
        if wrong is not None:
            faults.append(fault(code, wrong))
        elif value:
            facts[code] = value
    return facts, faults


def fault(column: str, say: Any) -> dict[str, str]:
    """One fault as it is stored."""
    reason = both(say)
    return {"column": column, "text_en": reason.en, "text_zh": reason.zh}


# --- Pieces --------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("en", "zh-hans"):
        with override(language):
            for code, name in columns().items():
                found[code] = code
                found[_plain(name)] = code
    return {**_ALSO, **found}


def _plain(name: str) -> str:
    return " ".join(str(name).split()).casefold()


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in row.items():
        code = code_of(name)
        if code is not None and value not in (None, ""):
            found.setdefault(code, str(value))
    return found


def _cleaned(code: str, text: str) -> tuple[str, Any]:
    try:
        text = clean_text(text)
    except ValidationError:
        return "", partial(_unseen, text)
    if code not in _LINES:
        text = " ".join(text.split())
    limit = _LONGEST.get(code)
    if limit and len(text) > limit:
        return text, partial(_too_long, len(text), limit)
    return text, None


def _unseen(text: str) -> Message:
    try:
        clean_text(text)
    except ValidationError as error:
        return error.messages[0]
    return ""


def _too_long(length: int, limit: int) -> Message:
    return _now("At most %(limit)s characters; these are %(length)s.") % {
        "limit": limit, "length": length,
    }  # fmt: skip


def _field(text: str) -> tuple[str, Any]:
    code = FIELDS.find(text)
    if code is None and (below := SUB_FIELDS.find(text)):
        code = SUB_FIELDS[below].parent
    return (code, None) if code else ("", partial(_no_field, text))


def _no_field(text: str) -> Message:
    names = [entry.name() for entry in FIELDS]
    near = get_close_matches(text, names, n=3, cutoff=0.4) or names[:_SHOWN]
    return _now("“%(text)s” is not known. Write one of these: %(names)s.") % {
        "text": text[:60], "names": pgettext("list", "; ").join(near),
    }  # fmt: skip


def _country(text: str) -> tuple[str, Any]:
    code = country_of(text)
    if code is None:
        return "", partial(no_country, text)
    if code == "CN":
        return "", lambda: _("This programme is for projects from outside the mainland of China.")
    return code, None


def _level(text: str) -> tuple[int, Any]:
    found = _LEVEL.fullmatch(text)
    return (int(found[1]), None) if found else (0, partial(_no_level, text))


def _no_level(text: str) -> Message:
    return _now("“%(text)s” is no readiness level. Write a whole number from 1 to 9.") % {
        "text": text[:60]
    }


def _contact(text: str) -> tuple[dict[str, str], Any]:
    """ "Anna Rossi, anna@sea.example, +39 010 123456" in any order."""
    mail, phone = "", ""
    if found := _MAIL.search(text):
        mail = found[0].strip(".")
        try:
            validate_email(mail)
        except ValidationError:
            return {}, partial(_no_mail, mail)
        if len(mail) > 254:  # as mail addresses are stored; the check above takes longer ones
            return {}, partial(_too_long, len(mail), 254)
        text = text.replace(found[0], " ")
    if found := _PHONE.search(text):
        phone = found[0].strip()
        text = text.replace(found[0], " ")
    name = " ".join(re.sub(r"[<>()\[\],;，；|]+|(?:^|\s)[/\\-]+(?=\s|$)", " ", text).split())
    name = name.strip(" :：") or mail or phone
    if len(name) > 80:
        return {}, partial(_too_long, len(name), 80)
    return {"name": name, "mail": mail, "phone": phone}, None


def _no_mail(text: str) -> Message:
    return _now("“%(text)s” is no mail address.") % {"text": text[:60]}


def _website(text: str) -> tuple[str, Any]:
    address = text if "://" in text else f"https://{text}"
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        return "", partial(_no_address, text)
    if len(address) > _LONGEST["website"]:  # what was put before it counts
        return "", partial(_too_long, len(address), _LONGEST["website"])
    return address, None


def _no_address(text: str) -> Message:
    return _now("“%(text)s” is no web address. Write it as https://example.org.") % {
        "text": text[:60]
    }


_READERS: dict[str, Any] = {
    "field": _field, "country": _country, "trl": _level, "contact": _contact, "website": _website,
}  # fmt: skip
_EMPTY: dict[str, Any] = {
    REFERENCE: lambda: _("Give every row a reference of its own: it is known again by it."),
    TITLE: lambda: _("Give the project a title."),
}
