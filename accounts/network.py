"""Where a request came from, as far as the proxies in front of us can be trusted."""

import ipaddress
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The address of the caller, or "" where there is none (a Unix socket without a proxy).

    Each trusted proxy adds one entry at the right of X-Forwarded-For; what stands further left
    was written by the caller and is not believed. With fewer entries than proxies, the header was
    not written by them, and the address of the connection is all that is known.
    """
    count = settings.TRUSTED_PROXY_COUNT
    remote = str(request.META.get("REMOTE_ADDR", ""))
    if count > 0:
        given = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(given) >= count:
            remote = given[-count]
    try:
        return str(ipaddress.ip_address(remote))
    except ValueError:
        return ""


def is_inside(address: str, networks: Sequence[str]) -> bool:
    """Whether the address lies in one of the networks (CIDR); an unknown address lies in none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    for text in networks:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            continue
        if ip.version == network.version and ip in network:
            return True
    return False
