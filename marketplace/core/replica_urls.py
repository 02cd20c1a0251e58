"""Django's settings for a read replica, from its address. Imports no Django: settings import it."""

from collections.abc import Mapping
from typing import Any

import dj_database_url


def database(url: str, primary: Mapping[str, Any]) -> dict[str, Any]:
    """As the primary's, at another address: read only, and quick to give up.

    Options in the primary's own address (a socket, certificates) are not the replica's.
    """
    found: dict[str, Any] = dict(dj_database_url.parse(url))
    common = primary["OPTIONS"]
    pool = common["pool"]
    return {
        **primary,
        **found,
        "CONN_MAX_AGE": primary["CONN_MAX_AGE"],
        "CONN_HEALTH_CHECKS": primary["CONN_HEALTH_CHECKS"],
        "OPTIONS": {
            "connect_timeout": 2,  # seconds
            "tcp_user_timeout": 5000,  # milliseconds: one that vanished keeps nobody waiting
            **found.get("OPTIONS", {}),
            "options": f"{common['options']} -c default_transaction_read_only=on",
            "pool": {**pool, "timeout": 2} if pool else False,
        },
        "TEST": {"MIRROR": "default"},
    }
