"""Which addresses may be called: somebody else chooses them, so they reach the public internet
alone. Where a name points to is looked at again at each call (marketplace.core.http_client)."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from marketplace.core.errors import field_error
from marketplace.core.http_client import Limits, is_open

MAX_LENGTH = 500
KEPT = 500  # characters of an answer
SECONDS = 15
_LOOPBACK = ["127.0.0.0/8", "::1/128"]


def limits() -> Limits:
    """Networks that the operator opened to the application's own calls stay closed here."""
    if settings.WEBHOOK_ALLOW_LOCALHOST:
        return Limits(networks=_LOOPBACK, keep=4 * KEPT, seconds=SECONDS, name="webhook")
    return Limits(
        networks=(), ports=settings.WEBHOOK_PORTS, keep=4 * KEPT, seconds=SECONDS, name="webhook"
    )


def checked(url: str) -> str:
    """The address as it is stored. Raises Invalid on `url`."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        host, port, parts = "", 443, urlsplit("")
    if not host or parts.scheme not in ("http", "https") or not url.isascii() or " " in url:
        raise field_error("url", _("Write a whole address, such as https://example.org/hooks."))
    if len(url) > MAX_LENGTH:
        raise field_error("url", _("At most 500 characters."), code="too_long")
    if parts.username is not None or parts.fragment:
        raise field_error(
            "url", _("Leave out names, passwords and what follows a # sign: the signature proves "
                     "who sends."),
        )  # fmt: skip
    if settings.WEBHOOK_ALLOW_LOCALHOST and _is_here(host):
        return url
    if parts.scheme != "https":
        raise field_error("url", _("The address must begin with https://."), code="not_https")
    if not settings.WEBHOOK_ALLOW_LOCALHOST and port not in settings.WEBHOOK_PORTS:
        raise field_error(
            "url", _("Only these ports can be called: %(ports)s.")
            % {"ports": ", ".join(map(str, settings.WEBHOOK_PORTS))},
            code="port_refused",
        )  # fmt: skip
    if not _may_be_public(host):
        raise field_error(
            "url", _("The address is not on the public internet and may not be called."),
            code="address_refused",
        )  # fmt: skip
    return url


def host_of(url: str) -> str:
    """For sentences about it: what follows the host may hold a key."""
    return urlsplit(url).hostname or ""


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _may_be_public(host: str) -> bool:
    """False for what is known without asking anybody."""
    try:
        return is_open(host)
    except ValueError:
        name = host.rstrip(".")
        closed = ("localhost", ".localhost", ".local", ".internal", ".home.arpa")
        # "2130706433" and "0x7f.1" are read as addresses by some resolvers
        return "." in name and not name.endswith(closed) and not name.split(".")[-1][0].isdigit()
