"""Which field each column of a file means, guessed by its name and its first values."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import override

from listings.imports.targets import label_of, targets_of
from listings.imports.values import is_day, read_value, unlisted
from listings.models.listings import Kind

_SIGNS = re.compile(r"[\s_\-.:：()（）【】\[\]/*·、]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ENDING = re.compile(r"(zh|cn|中文|chinese|en|英文|english)$")
_BEGINNING = re.compile(r"^(中文|chinese|英文|english)")
_UNTIL = re.compile("(?!.*(?:专利|证书|patent)).*(?:截止|截至|到期|deadline|until|expir|due)")
# Lists whose names mean nothing else; who sees a row is never guessed by a word such as 公开.
_LISTS = ("field", "sub_field", "modes", "price_kind", "currency", "project_source", "trl")
_BOTH = ("title", "summary", "body", "keywords", "tried", "judged", "members_text",
         "confidential_text")  # fmt: skip


def guess(columns: Sequence[Mapping[str, Any]], kind: str) -> dict[str, str]:
    """column name -> target ("" where nothing is guessed). columns: {"name", "samples"}.

    No target is given twice; `external_id` is one of the targets.
    """
    known = {"external_id", *targets_of(kind)}
    names = [str(column["name"]) for column in columns]
    found = dict.fromkeys(names, "")
    # what has exactly our own name goes before what only sounds like it
    for name in names:
        _take(found, name, _labels().get(_plain(name), ""), known)
    for column in columns:
        if not found[str(column["name"])]:
            guessed = _guess(str(column["name"]), column.get("samples") or [])
            _take(found, str(column["name"]), guessed, known)
    for column in columns:  # after all names, which say more than values do
        name = str(column["name"])
        if not found[name]:
            _take(found, name, _by_values(name, column.get("samples") or [], kind), known)
    return found


def _take(found: dict[str, str], name: str, target: str, known: set[str]) -> None:
    if target in known and target not in found.values():
        found[name] = target


def _guess(name: str, samples: Sequence[str]) -> str:
    plain = _plain(name)
    target = _names().get(plain, "")
    ending = ""
    if not target and (match := _ending_of(plain)):
        target, ending = match
    if target not in _BOTH:
        return target
    if not ending:  # the values say which language it is, else the name's own
        text = " ".join(samples) or name
        ending = "zh" if _CHINESE.search(text) else "en"
    return f"{target}_{ending}"


def _by_values(name: str, samples: Sequence[str], kind: str) -> str:
    """The field whose list has most of the values. Days mean the end of something only where the
    name says an end, too: most columns of days tell when something was done."""
    texts = [text for text in samples if text.strip()]

    def most(fits: Callable[[str], bool]) -> bool:
        return 2 * sum(map(fits, texts)) > len(texts)

    if not texts:
        return ""
    if _UNTIL.match(name.lower()) and most(is_day):
        return "deadline" if kind == Kind.NEED else "valid_until"
    for target in _LISTS:
        # bare figures number the rows more often than they say how ready something is
        if most(lambda text, target=target: _is_listed(target, text)):  # type: ignore[misc]
            return target
    return ""


def _is_listed(target: str, text: str) -> bool:
    return not text.strip().isdecimal() and not unlisted(target, read_value(target, text))


def _ending_of(plain: str) -> tuple[str, str] | None:
    """(target, language) of a name that says its language behind or in front, as 英文名称 does."""
    for found in (_ENDING.search(plain), _BEGINNING.match(plain)):
        rest = plain[: found.start()] + plain[found.end() :] if found else ""
        if found and (target := _names().get(rest, "")):
            return target, "zh" if found[1] in ("zh", "cn", "中文", "chinese") else "en"
    return None


def _plain(name: str) -> str:
    return _SIGNS.sub("", name).lower()


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    raw = yaml.safe_load(Path(__file__).with_name("column_names.yaml").read_text(encoding="utf-8"))
    return {str(name): target for target, names in raw.items() for name in names}


@lru_cache(maxsize=1)
def _labels() -> dict[str, str]:
    """The names and labels of our own templates and exports, in both languages."""
    found: dict[str, str] = {}
    for language in ("en", "zh-hans"):
        with override(language):
            for target in ("external_id", *targets_of("")):
                for text in (target, str(label_of(target))):
                    found.setdefault(_plain(text), target)
    return found
