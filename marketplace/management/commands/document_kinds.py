"""Renew the reference of event kinds and notices from what the rooms declare."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from events.kinds import KINDS
from events.notices import NOTICES

HEAD = """# Events and notices

Events are append-only facts (who, what, when; ids and states, never texts). Notices are what people
are told in the page and by mail; each person chooses for each kind how often, or never.
This page is written by `manage.py document_kinds`.
"""


def page() -> str:
    """The page as Markdown, sorted by kind."""
    with translation.override("en"):
        lines = [HEAD, "## Event kinds", "", "| kind | what happened |", "|---|---|"]
        lines += [f"| `{code}` | {kind.label} |" for code, kind in sorted(KINDS.items())]
        lines += ["", "## Notices", "", "| notice | about | mailed by default |", "|---|---|---|"]
        lines += [
            f"| `{code}` | {notice.label} | {notice.mail} |"
            for code, notice in sorted(NOTICES.items())
        ]
    return "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "Write docs/reference/events.md from the kinds that the rooms declare."

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(settings.ROOT) / "docs" / "reference" / "events.md"
        target.write_text(page(), encoding="utf-8")
        self.stdout.write(f"{len(KINDS)} event kinds, {len(NOTICES)} notices.")
