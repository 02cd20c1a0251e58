"""`make lint`: everything a machine can judge without running the product.

Prints one line a check with its time, and the whole output of those that fail.
"""

from __future__ import annotations

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

from marketplace.runner import requirements
from marketplace.runner.environment import ROOT

Check = Callable[[], str]  # returns what is wrong, "" when nothing is

_INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>"  # a script in the page itself
    r"|<style\b"
    r"|\sstyle\s*="
    r"|\son[a-z]+\s*=\s*[\"']"  # onclick= and its like
    r"|[\"']javascript:",
    re.IGNORECASE,
)
# Data for scripts is no script: the policy lets it be.
_DATA_SCRIPT = re.compile(r"<script[^>]*\btype=[\"']application/(ld\+)?json[\"']", re.IGNORECASE)
_TAGS = re.compile(r"\{[%#{].*?[%#}]\}", re.DOTALL)
_SAFE_SETTINGS = {
    "SECRET_KEY": "only-for-checks-0123456789-abcdefghijklmnop",
    "TOKEN_PEPPER": "only-for-checks-9876543210-ponmlkjihgfedcba",
    "PUBLIC_URL": "https://market.example",
    "ALLOWED_HOSTS": "market.example",
    "EMAIL_URL": "smtp://mail.example:25",
    # Nobody listens there: what these checks need is in the files.
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def run(*command: str) -> str:
    """Run a tool of the environment; its output when it fails."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **_SAFE_SETTINGS},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip() or "failed"


def tool(*command: str) -> Check:
    """A check that is one run of a tool."""
    return lambda: run(*command)


def inline_code() -> str:
    """Scripts and styles written into pages: the content security policy would drop them."""
    found = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name = path.relative_to(ROOT).as_posix()
        if "/mail/" in name or "/email/" in name:  # mail programs know no style sheets
            continue
        text = path.read_text(encoding="utf-8")
        # Template tags become blanks of the same length, so that places stay right.
        text = _TAGS.sub(lambda tag: re.sub(r"[^\n]", " ", tag[0]), text)
        for match in _INLINE.finditer(text):
            if not _DATA_SCRIPT.match(match[0]):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{name}:{line}: inline script or style: {match[0].strip()}")
    return "\n".join(found)


def compose() -> str:
    """docker-compose.yml as Docker reads it, where there is a Docker."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) is None or _silent([*command, "version"]).returncode:
            continue
        done = _silent([*command, "config", "--quiet"])
        return done.stderr.strip() if done.returncode else ""
    print("     (no docker compose in the path: docker-compose.yml is not checked)", flush=True)
    return ""


def _silent(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT, env={**os.environ, "SITE_HOST": "market.example"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


CHECKS: dict[str, Check] = {
    "types": tool("-m", "mypy"),
    "style": tool("-m", "ruff", "check", "--quiet", "--output-format", "concise"),
    "format": tool("-m", "ruff", "format", "--check", "--quiet"),
    "templates": tool("-m", "djlint", "templates", "--lint", "--quiet"),
    "inline": inline_code,
    "layers": tool("-c", "from importlinter.cli import lint_imports_command as run; run()"),
    "settings": tool("manage.py", "check", "--deploy", "--fail-level", "ERROR"),
    "migrations": tool("manage.py", "makemigrations", "--check", "--dry-run", "--no-input"),
    "messages": tool("-m", "marketplace.messages", "check"),
    "packages": lambda: "\n".join(requirements.findings()),
    "compose": compose,
}


def main() -> int:
    """Run the checks named on the command line, or all; 1 if one finds something."""
    chosen = sys.argv[1:] or list(CHECKS)
    unknown = sorted(set(chosen) - set(CHECKS))
    if unknown:
        print(f"Unknown check: {', '.join(unknown)}. There are: {', '.join(CHECKS)}.")
        return 2

    def timed(name: str) -> tuple[str, float, str]:
        started = time.monotonic()
        wrong = CHECKS[name]()
        return name, time.monotonic() - started, wrong

    failed = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for done in concurrent.futures.as_completed([pool.submit(timed, name) for name in chosen]):
            name, seconds, wrong = done.result()
            print(f"{'FAIL' if wrong else 'ok  '} {name:<12} {seconds:5.1f} s", flush=True)
            if wrong:
                failed.append(name)
                print(wrong, flush=True)
    if failed:
        print(f"lint: {', '.join(failed)} found something.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
