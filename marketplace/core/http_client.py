"""The one way to call other hosts: no private addresses, time-outs, size cap, no redirects.

The address is resolved once, checked, and the connection is made to that very address, so that a
name cannot point elsewhere between check and use.
"""

import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
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


# Addresses of version 6 that stand for one of version 4, wherever that may be.
_UNICAST = ipaddress.ip_network("2000::/3")
_GATEWAYS = [ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")]


class OutboundRefused(DomainError):
    """The address may not be called, or the answer was not acceptable."""

    status = 502


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sort of call may do.

    networks: private ones that it may reach, None for those that the operator opened to the
    application's own calls; ports: None for any; keep: bytes of the answer that are wanted, the
    rest is not read, None to refuse more than MAX_BYTES; seconds: for the whole call; name: what
    metrics call the other side, "" for its host.
    """

    networks: Sequence[str] | None = None
    ports: Sequence[int] | None = None
    keep: int | None = None
    seconds: float = MAX_SECONDS
    name: str = ""


OWN = Limits()


def is_open(address: str, networks: Iterable[str] = ()) -> bool:
    """Whether an IP address is on the public internet, or in one of the networks."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif any(ip in gateway for gateway in _GATEWAYS):
            return False
        elif ip not in _UNICAST:  # site-local and translated addresses count as global elsewhere
            return any(ip in ipaddress.ip_network(network) for network in networks)
    if ip.is_global and not ip.is_multicast:
        return True
    return any(ip in ipaddress.ip_network(network) for network in networks)


def resolve(host: str, port: int, networks: Sequence[str] | None = None) -> str:
    """One address of the host that may be called; raises OutboundRefused."""
    if networks is None:
        networks = settings.HTTP_CLIENT_ALLOWED_NETWORKS
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundRefused("host_unknown", _("The host could not be found.")) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_open(address, networks) for address in addresses):
        raise OutboundRefused(
            "address_refused", _("The address is not on the public internet and may not be called.")
        )
    return addresses[0]


class _Bounded(httpcore.NetworkStream):
    """A stream that ends at a moment: time-outs of single reads would let one drip for ever."""

    def __init__(self, stream: httpcore.NetworkStream, give_up: float) -> None:
        self._stream = stream
        self._give_up = give_up

    def _left(self, timeout: float | None) -> float:
        left = self._give_up - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the call took too long")
        return left if timeout is None else min(left, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _Bounded(inner, self._give_up)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _CheckedBackend(httpcore.SyncBackend):
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._give_up = time.monotonic() + limits.seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        address = resolve(host, port, self._limits.networks)
        stream = super().connect_tcp(address, port, timeout, local_address, socket_options)
        return _Bounded(stream, self._give_up)


def _client(limits: Limits) -> httpx.Client:
    transport = httpx.HTTPTransport(retries=0)
    transport._pool = httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(), network_backend=_CheckedBackend(limits),
        max_connections=4,
    )  # fmt: skip
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
    method: str,
    url: str,
    *,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
    limits: Limits = OWN,
) -> Answer:
    """The answer, whatever its status. Raises OutboundRefused for a bad address, an overlong or
    missing answer."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:  # "http://[" and the like
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise OutboundRefused("address_refused", _("Only http and https addresses can be called."))
    if limits.ports is not None and port not in limits.ports:
        raise OutboundRefused("port_refused", _("This port may not be called."))
    outcome = "failed"
    try:
        with (
            _client(limits) as client,
            client.stream(method, url, content=content, headers=headers) as answer,
        ):
            body = _body(answer, limits)
            outcome = str(answer.status_code)
            seen = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status_code, seen, body)
    except httpx.InvalidURL as error:
        raise OutboundRefused("address_refused", _("This is no address that can be called.")) from (
            error
        )
    except httpx.TimeoutException as error:
        raise OutboundRefused("answer_too_slow", _("The answer took too long.")) from error
    except httpx.HTTPError as error:
        raise OutboundRefused("call_failed", _("The other side did not answer.")) from error
    finally:
        OUTBOUND.labels(limits.name or parts.hostname, outcome).inc()


def _body(answer: httpx.Response, limits: Limits) -> bytes:
    body, give_up = b"", time.monotonic() + limits.seconds
    # what is not kept is not unpacked either: a few bytes may hold gigabytes
    chunks = answer.iter_bytes() if limits.keep is None else answer.iter_raw()
    for chunk in chunks:
        body += chunk
        if limits.keep is not None and len(body) >= limits.keep:
            return body[: limits.keep]
        if len(body) > MAX_BYTES:
            raise OutboundRefused("answer_too_large", _("The answer was too large."))
        if time.monotonic() > give_up:
            raise OutboundRefused("answer_too_slow", _("The answer took too long."))
    return body


def post_json(url: str, data: Any, *, headers: dict[str, str] | None = None) -> Any:
    """POST JSON, return the decoded JSON answer; raises OutboundRefused unless it is a 2xx."""
    status, body = request(
        "POST", url, content=json.dumps(data).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )  # fmt: skip
    if not 200 <= status < 300:
        raise OutboundRefused("call_failed", _("The other side refused the call."))
    return json.loads(body)
