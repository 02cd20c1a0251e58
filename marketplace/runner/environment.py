"""What the programs of an instance are told through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from marketplace.runner import ports

if TYPE_CHECKING:
    from marketplace.runner.home import Home

ROOT = Path(__file__).resolve().parent.parent.parent


def given(name: str, environment: Mapping[str, str]) -> bool:
    """Whether a setting was given, itself or as the file that holds it."""
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def for_instance(home: Home, port: int) -> dict[str, str]:
    """Environment of everything started for `home`: what the person set, then our defaults.

    The addresses of the database and the queue are added when those are up.
    """
    environment = dict(os.environ)
    defaults = {
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
        "DEMO": "true",
        "EMAIL_URL": "file://",
        "LOAD_DEMO": environment.get("DEMO") or "true",
        "STATIC_COMPRESSION": "false",
        "PUBLIC_URL": f"http://{ports.HOST}:{port}",
    }
    for name in ("SECRET_KEY", "TOKEN_PEPPER"):
        if not given(name, environment):
            defaults[name] = home.secret(name.lower())
    for name, value in defaults.items():
        if not given(name, environment):
            environment[name] = value
    environment.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    # The text encoder would otherwise take every core in every worker process.
    environment.setdefault("OMP_NUM_THREADS", "1")
    environment["PYTHONUNBUFFERED"] = "1"
    environment["YIZHAN_HOME"] = str(home.path)
    return environment
