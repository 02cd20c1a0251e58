"""Which source files speak for which room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LANGUAGES = ("zh_Hans",)

APPS = ("events", "accounts", "listings", "matching", "contracts", "deals", "insights")
ROOMS = ("core", "design", "marketplace", *APPS)

# Python of the design system lives inside the floor; its texts belong to the design catalogue.
DESIGN_PYTHON = (
    "marketplace/core/templatetags",
    "marketplace/core/components",
    "marketplace/core/formatting.py",
    "marketplace/core/style_page.py",
)
# Template folders that do not bear the name of their room (third-party templates we override).
FOREIGN_TEMPLATES = {
    "account": "accounts",
    "allauth": "accounts",
    "mfa": "accounts",
    "socialaccount": "accounts",
    "usersessions": "accounts",
    "rest_framework": "core",
    "drf_spectacular": "core",
    "mail": "events",
    "base.html": "design",
    "base_mail.html": "design",
    "components": "design",
    "errors": "design",
    "style": "design",
    "style.html": "design",
}
for _name in ("400", "403", "403_csrf", "404", "413", "429", "500"):
    FOREIGN_TEMPLATES[f"{_name}.html"] = "design"

TEMPLATE_ENDINGS = (".html", ".txt", ".xml", ".md")


def room_of_python(path: str) -> str | None:
    """Room of a Python file, by its posix path below the root; None if it says nothing."""
    top, _, rest = path.partition("/")
    if top in APPS:
        return top
    if top != "marketplace":
        return None
    if path.startswith(DESIGN_PYTHON):
        return "design"
    if rest.startswith("core/"):
        return "core"
    # The starter and this tool speak English to the person at the terminal.
    if rest.startswith(("runner/", "messages/")):
        return None
    return "marketplace"


def room_of_template(path: str) -> str:
    """Room of a template given by its posix path below `templates/`."""
    top = path.partition("/")[0]
    if top in ROOMS:
        return top
    return FOREIGN_TEMPLATES.get(top, "marketplace")


def python_files(room: str) -> Iterator[Path]:
    """Python files whose texts belong to `room`, in a stable order."""
    top = room if room in APPS else "marketplace"
    for path in sorted((ROOT / top).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if "/migrations/" not in name and room_of_python(name) == room:
            yield path


def template_files(room: str) -> Iterator[Path]:
    """Templates whose texts belong to `room`, in a stable order."""
    folder = ROOT / "templates"
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in TEMPLATE_ENDINGS and path.is_file() and room_of_template(name) == room:
            yield path


def catalogue_path(room: str, language: str) -> Path:
    """Where the catalogue of a room and language is kept."""
    return ROOT / "locale" / room / language / "LC_MESSAGES" / "django.po"
