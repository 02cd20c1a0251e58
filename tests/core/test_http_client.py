import pytest

from marketplace.core import http_client
from marketplace.core.http_client import OutboundRefused, request, resolve


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "0.0.0.0", "100.64.0.1"],
)
def test_private_addresses_are_refused(host):
    with pytest.raises(OutboundRefused) as caught:
        resolve(host, 80)
    assert caught.value.code == "address_refused"


def test_name_that_points_to_this_machine_is_refused():
    with pytest.raises(OutboundRefused):
        request("GET", "http://localhost:1/")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "nonsense", "http://"])
def test_other_schemes_are_refused(url):
    with pytest.raises(OutboundRefused):
        request("GET", url)


def test_name_with_one_private_address_is_refused(monkeypatch):
    answers = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(http_client.socket, "getaddrinfo", lambda *a, **k: answers)
    with pytest.raises(OutboundRefused):
        resolve("example.org", 80)


def test_operator_may_open_a_network(settings):
    settings.HTTP_CLIENT_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    assert resolve("127.0.0.1", 80) == "127.0.0.1"
