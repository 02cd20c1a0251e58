"""The caller's address behind proxies, and networks."""

import pytest
from django.test import RequestFactory

from accounts.network import client_ip, is_inside


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", "10.0.0.9"),
        (0, "203.0.113.5", "10.0.0.9"),  # nobody vouches for the header
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),  # the left part was sent by the caller
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (2, "203.0.113.5", "10.0.0.9"),  # fewer entries than proxies: not written by them
        (1, "nonsense", ""),
    ],
)
def test_only_what_trusted_proxies_wrote_is_believed(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXY_COUNT = proxies
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", **extra)
    assert client_ip(request) == expected


@pytest.mark.parametrize(
    ("address", "networks", "inside"),
    [
        ("203.0.113.7", ["203.0.113.0/24"], True),
        ("203.0.114.7", ["203.0.113.0/24"], False),
        ("::ffff:203.0.113.7", ["203.0.113.0/24"], True),
        ("2001:db8::1", ["203.0.113.0/24", "2001:db8::/32"], True),
        ("", ["0.0.0.0/0"], False),
        ("x", ["0.0.0.0/0"], False),
        ("203.0.113.7", [], False),
    ],
)
def test_an_address_lies_in_a_network_or_not(address, networks, inside):
    assert is_inside(address, networks) is inside
