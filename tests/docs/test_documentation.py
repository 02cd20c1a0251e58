"""The reference names everything that exists, and nothing that does not."""

import re
from pathlib import Path

from django.apps import apps

from events.kinds import KINDS
from events.notices import NOTICES

ROOT = Path(__file__).resolve().parent.parent.parent
REFERENCE = ROOT / "docs" / "reference"


def named(page: str) -> set[str]:
    """What stands in backquotes in the first column of the tables of a page."""
    found: set[str] = set()
    for line in (REFERENCE / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            found.update(
                text.split()[0]
                for text in re.findall(r"`([^`]+)`", re.split(r"(?<!\\)[|]", line)[1])
            )
    return found


def test_every_setting_is_documented():
    text = (ROOT / "marketplace" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', text))
    assert named("settings.md") == read


def test_every_command_is_documented():
    commands = {
        path.stem
        for config in apps.get_app_configs()
        if Path(config.path).is_relative_to(ROOT) and ".venv" not in config.path
        for path in Path(config.path).glob("management/commands/[a-z]*.py")
    }
    assert named("commands.md") == commands


def test_every_event_kind_and_notice_is_documented():
    assert named("events.md") == set(KINDS) | set(NOTICES)


def test_every_link_between_pages_leads_somewhere():
    broken = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []
