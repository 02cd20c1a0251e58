"""The pinned packages: made by `make requirements`, held against what is wanted by `make lint`.

The pins name no registry, so that they install alike from any mirror.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from marketplace.messages.rooms import APPS
from marketplace.runner.environment import ROOT

PAIRS = (("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt"))
COMPILE = (
    "uv", "pip", "compile", "--quiet", "--upgrade", "--python-version", "3.11",
    "--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header",
)  # fmt: skip
# Used by name only: Django finds them by a setting.
BY_NAME = ("argon2-cffi", "psycopg")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?: ;[^\\]*)?(?: \\)?$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def pin() -> int:
    """Resolve both lists anew to the newest versions that go together."""
    for source, target in PAIRS:
        code = subprocess.call([*COMPILE, source, "-o", target], cwd=ROOT)
        if code:
            return code
    return 0


def wanted(path: Path) -> list[Requirement]:
    """What a list asks for, with the lists it includes."""
    found = []
    for line in path.read_text().splitlines():
        text = line.split("#")[0].strip()
        if text.startswith("-r "):
            found += wanted(path.with_name(text[3:].strip()))
        elif text and not text.startswith("-"):
            found.append(Requirement(text))
    return found


def pins(path: Path) -> tuple[dict[str, str], list[str]]:
    """Pinned versions by name, and lines that are neither pin nor hash."""
    versions: dict[str, str] = {}
    strange = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if match := _PIN.match(line):
            versions[canonicalize_name(match[1])] = match[2]
        elif line and not _HASH.match(line):
            strange.append(f"{path.name}:{number}: neither a pin nor a hash: {line.strip()}")
    return versions, strange


def needed(roots: list[Requirement]) -> set[str]:
    """Names of all that `roots` pull in, by what the installed packages say of themselves."""
    seen: set[tuple[str, str]] = set()
    queue = [(canonicalize_name(root.name), frozenset(root.extras)) for root in roots]
    while queue:
        name, extras = queue.pop()
        for extra in ("", *extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for text in importlib.metadata.requires(name) or []:
                below = Requirement(text)
                # For the oldest 3.11, as the pins are made: what is installed may need less.
                oldest = {"extra": extra, "python_full_version": "3.11.0"}
                if below.marker is None or below.marker.evaluate(oldest):
                    queue.append((canonicalize_name(below.name), frozenset(below.extras)))
    return {name for name, _extra in seen}


def unused(roots: list[Requirement]) -> list[str]:
    """Packages asked for that no Python file of the product names."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for top in ("marketplace", *APPS)
        for path in (ROOT / top).rglob("*.py")
    )
    modules: dict[str, set[str]] = {}
    for module, distributions in importlib.metadata.packages_distributions().items():
        for name in distributions:
            modules.setdefault(canonicalize_name(name), set()).add(module)
    return [
        root.name
        for root in roots
        if root.name not in BY_NAME
        and not any(
            re.search(rf"(\b(import|from) |[\"'(]){re.escape(module)}\b", text)
            for module in modules.get(canonicalize_name(root.name), ())
        )
    ]


def findings() -> list[str]:
    """What is wrong with the pins; needs the packages for development, and no network."""
    found = [
        f"requirements.in: nothing imports {name}; take it out"
        for name in unused(wanted(ROOT / PAIRS[0][0]))
    ]
    known: dict[str, str] = {}
    for source, target in PAIRS:
        versions, strange = pins(ROOT / target)
        found += strange
        roots = wanted(ROOT / source)
        try:
            names = needed(roots)
        except importlib.metadata.PackageNotFoundError as error:
            return [*found, f"{error} is not installed; run `make lint`, not the module alone"]
        found += [f"{target}: {name} is missing; run `make requirements`"
                  for name in sorted(names - versions.keys())]  # fmt: skip
        found += [f"{target}: nobody needs {name}; run `make requirements`"
                  for name in sorted(versions.keys() - names)]  # fmt: skip
        for root in roots:
            version = versions.get(canonicalize_name(root.name), "")
            if version and not root.specifier.contains(version, prereleases=True):
                found.append(f"{target}: {root} is pinned to {version}; run `make requirements`")
        found += [
            f"{target}: {name} is {version} here and {versions[name]} for development"
            for name, version in known.items()
            if versions.get(name, version) != version
        ]
        known = versions
    return found


if __name__ == "__main__":
    sys.exit(pin())
