"""The one way to call other hosts: no private addresses, time-outs, size cap, no redirects.

The address is resolved once, checked, and the connection is made to that very address, so that a
name cannot point elsewhere between check and use.
"""

import ipaddress
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx  # noqa: TID251 (this is the guarded client)
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from marketplace.core.errors import DomainError
from marketplace.core.metrics import OUTBOUND

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
MAX_BYTES = 10 * 1024 * 1024
MAX_SECONDS = 60  # for a whole answer: one that drips would hold a worker for hours


class OutboundRefused(DomainError):
    """The address may not be called, or the answer was not acceptable."""

    status = 502


def _allowed(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    if ip.is_global and not ip.is_multicast:
        return True
    return any(
        ip in ipaddress.ip_network(network) for network in settings.HTTP_CLIENT_ALLOWED_NETWORKS
    )


def resolve(host: str, port: int) -> str:
    """One address of the host that may be called; raises OutboundRefused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise OutboundRefused("host_unknown", _("The host could not be found.")) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_allowed(address) for address in addresses):
        raise OutboundRefused(
            "address_refused", _("The address is not on the public internet and may not be called.")
        )
    return addresses[0]


class _CheckedBackend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        return super().connect_tcp(
            resolve(host, port), port, timeout, local_address, socket_options
        )


def _client() -> httpx.Client:
    transport = httpx.HTTPTransport(retries=0)
    transport._pool = httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(), network_backend=_CheckedBackend(), max_connections=4
    )
    return httpx.Client(
        transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False,
        headers={"User-Agent": "Yizhan"},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request(
    method: str, url: str, *, content: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Status and body of `call`."""
    answer = call(method, url, content=content, headers=headers)
    return answer.status, answer.body


def call(
    method: str, url: str, *, content: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """The answer, whatever its status. Raises OutboundRefused for a bad address, an overlong or
    missing answer."""
    try:
        parts = urlsplit(url)
    except ValueError:  # "http://[" and the like
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise OutboundRefused("address_refused", _("Only http and https addresses can be called."))
    outcome = "failed"
    try:
        with (
            _client() as client,
            client.stream(method, url, content=content, headers=headers) as answer,
        ):
            body, give_up = b"", time.monotonic() + MAX_SECONDS
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise OutboundRefused("answer_too_large", _("The answer was too large."))
                if time.monotonic() > give_up:
                    raise OutboundRefused("answer_too_slow", _("The answer took too long."))
            outcome = str(answer.status_code)
            seen = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status_code, seen, body)
    except httpx.InvalidURL as error:
        raise OutboundRefused("address_refused", _("This is no address that can be called.")) from (
            error
        )
    except httpx.HTTPError as error:
        raise OutboundRefused("call_failed", _("The other side did not answer.")) from error
    finally:
        OUTBOUND.labels(parts.hostname, outcome).inc()


def post_json(url: str, data: Any, *, headers: dict[str, str] | None = None) -> Any:
    """POST JSON, return the decoded JSON answer; raises OutboundRefused unless it is a 2xx."""
    status, body = request(
        "POST", url, content=json.dumps(data).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )  # fmt: skip
    if not 200 <= status < 300:
        raise OutboundRefused("call_failed", _("The other side refused the call."))
    return json.loads(body)
