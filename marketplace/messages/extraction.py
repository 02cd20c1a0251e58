"""Texts to translate, out of Python files and Django templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from django.utils.translation.template import templatize

from marketplace.messages import rooms

# Names as in Django's makemessages: which argument is the context, the message, its plural.
KEYWORDS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
COMMENT_TAG = "# Translators:"

# Django turns a template into text that looks like Python calls among rows of X.
_CALL = re.compile(r"(?<![\w.])(npgettext|pgettext|ngettext|gettext|_)\(")
_STRING = re.compile(r"""\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*,?""", re.DOTALL)


class Message:
    """One text: its source, optional plural and context, and a hint for the translator."""

    def __init__(
        self, source: str, plural: str = "", context: str = "", comments: tuple[str, ...] = ()
    ) -> None:
        self.source = source
        self.plural = plural
        self.context = context
        self.comments = comments


def from_python(path: Path) -> Iterator[Message]:
    """Texts in a Python file.

    A call whose text is not written out (an f-string, a name) is skipped: no catalogue can hold it.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    nodes = list(ast.walk(ast.parse(text, str(path))))
    # `from django.utils.translation import gettext as now` is followed, whatever the name.
    bound = {
        alias.asname: alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname
    }
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        name = bound.get(name, name)
        if name not in KEYWORDS:
            continue
        context, source, plural = (
            "" if place is None else _written_out(node, place) for place in KEYWORDS[name]
        )
        if source and plural is not None and context is not None:
            above = lines[node.lineno - 2].strip() if node.lineno > 1 else ""
            hint = above.removeprefix(COMMENT_TAG).strip()
            yield Message(source, plural, context, (hint,) if hint != above else ())


def _written_out(call: ast.Call, place: int) -> str | None:
    argument = call.args[place] if place < len(call.args) else None
    value = argument.value if isinstance(argument, ast.Constant) else None
    return value if isinstance(value, str) else None


def from_template(path: Path) -> Iterator[Message]:
    """Texts in a Django template. Raises TemplateSyntaxError with its name if it is broken."""
    text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in _CALL.finditer(text):
        strings = []
        position = call.end()
        while match := _STRING.match(text, position):
            strings.append(str(ast.literal_eval(match[1])))
            position = match.end()
        name = call[1]
        if not strings or not strings[-1]:
            continue
        if name == "npgettext":
            yield Message(strings[1], strings[2], strings[0])
        elif name == "pgettext":
            yield Message(strings[1], context=strings[0])
        elif name == "ngettext":
            yield Message(strings[0], strings[1])
        else:
            yield Message(strings[0])


def extract_room(room: str) -> Catalog:
    """Catalogue template (without translations) of everything that `room` says."""
    catalogue = Catalog()
    files = [(path, from_python) for path in rooms.python_files(room)]
    files += [(path, from_template) for path in rooms.template_files(room)]
    for path, read in files:
        for message in read(path):
            catalogue.add(
                (message.source, message.plural) if message.plural else message.source,
                context=message.context or None,
                auto_comments=message.comments,
            )
    return catalogue
