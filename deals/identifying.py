"""What in a text would tell who wrote it: names of its organisation, ways to reach it. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _

_CONTACTS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"https?://\S+|\bwww\.\S+", re.IGNORECASE),
    re.compile(
        r"(?<![\w.@-])(?:[a-z0-9-]+\.)+(?:com|cn|net|org|edu|gov|io|ac|de|uk|jp|hk|eu)\b(?!\.\d)",
        re.IGNORECASE,
    ),
    # mobile, landline and service numbers of China, and any number with a country code
    re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"),
    re.compile(r"(?<!\d)0\d{2,3}[\s-]\d{7,8}(?!\d)"),
    re.compile(r"(?<!\d)400[\s-]?\d{3}[\s-]?\d{4}(?!\d)"),
    re.compile(r"\+\d[\d\s()-]{8,}\d"),
    re.compile(
        r"(?:微信|wechat|weixin|qq|钉钉|whatsapp|telegram)\s*(?:号|id)?\s*[:：]?\s*[a-z0-9_-]{5,}",
        re.IGNORECASE,
    ),
)
# What many organisations have in common and people leave out.
_FORMS_ZH = ("股份有限公司", "有限责任公司", "有限公司", "集团公司", "集团", "公司")
_FORMS_EN = {"co", "ltd", "limited", "inc", "corp", "corporation", "gmbh", "llc", "plc", "company",
             "group", "the"}  # fmt: skip
LEAST_HAN = 2
LEAST_LATIN = 3


def contacts_in(text: str) -> list[str]:
    """Addresses, numbers and accounts as they stand in the text."""
    plain = unicodedata.normalize("NFKC", text)
    return [hit.group().strip() for pattern in _CONTACTS for hit in pattern.finditer(plain)]


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """Which of the names stand in the text, also without their legal form and however spaced."""
    words, han = _words(text), _squeezed(text)
    return [name for name in names if name and (_latin(name, words) or _han(name, han))]


def reasons_against(text: str, names: Iterable[str]) -> list[str]:
    """Sentences that say what in the text would tell who writes; none when it tells nothing."""
    found = []
    if hits := names_in(text, names):
        found.append(
            _("It names you: %(found)s. Take it out, or ask under your name.") % {"found": hits[0]}
        )
    if hits := contacts_in(text):
        found.append(
            _("It says how to reach you: %(found)s. Take it out; answers come to you here.")
            % {"found": hits[0][:60]}
        )
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_\u3400-\u9fff]+", unicodedata.normalize("NFKC", text).casefold())


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _latin(name: str, words: list[str]) -> bool:
    wanted = _words(name)
    short = [word for word in wanted if word not in _FORMS_EN] or wanted
    if sum(map(len, short)) < LEAST_LATIN:
        return False
    return any(words[at : at + len(short)] == short for at in range(len(words)))


def _han(name: str, squeezed: str) -> bool:
    wanted = _squeezed(name)
    if not re.search(r"[\u3400-\u9fff]", wanted):
        return False
    short = wanted
    for form in _FORMS_ZH:
        short = short.removesuffix(form)
    return len(short) >= LEAST_HAN and short in squeezed
