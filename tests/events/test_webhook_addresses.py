"""What a webhook may call: the public internet, by https, and nothing else."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from events.models import Webhook
from events.webhooks import actions, addresses, signing
from marketplace.core import http_client
from marketplace.core.errors import Invalid
from tests.events.receiving import receiving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cast import Cast


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.org/hooks", "not_https"),
        ("https://example.org:8443/", "port_refused"),
        ("https://example.org:22/", "port_refused"),
        ("https://127.0.0.1/", "address_refused"),
        ("https://10.1.2.3/", "address_refused"),
        ("https://192.168.0.1/", "address_refused"),
        ("https://169.254.169.254/latest/meta-data/", "address_refused"),
        ("https://100.100.100.200/", "address_refused"),
        ("https://0.0.0.0/", "address_refused"),
        ("https://[::1]/", "address_refused"),
        ("https://[::ffff:127.0.0.1]/", "address_refused"),
        ("https://[fe80::1]/", "address_refused"),
        ("https://[fd00:ec2::254]/", "address_refused"),
        ("https://[64:ff9b::7f00:1]/", "address_refused"),
        ("https://[2002:7f00:1::]/", "address_refused"),
        ("https://2130706433/", "address_refused"),
        ("https://0x7f.0.0.1/", "address_refused"),
        ("https://127.1/", "address_refused"),
        ("https://localhost/", "address_refused"),
        ("https://LOCALHOST./", "address_refused"),
        ("https://db.internal/", "address_refused"),
        ("https://intranet/", "address_refused"),
        ("https://user:word@example.org/", "invalid"),
        ("https://example.org/#part", "invalid"),
        ("ftp://example.org/", "invalid"),
        ("file:///etc/passwd", "invalid"),
        ("https://", "invalid"),
        ("https://[", "invalid"),
        ("https://example.org:99999/", "invalid"),
        ("https://例子.cn/", "invalid"),
        ("example.org/hooks", "invalid"),
        ("", "invalid"),
        ("https://example.org/" + "x" * 500, "too_long"),
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_refused(url: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        addresses.checked(url)
    assert caught.value.code == code
    assert list(caught.value.fields) == ["url"]


def test_a_public_address_is_kept_as_it_is() -> None:
    url = "https://hooks.example.org:443/a/b?key=1"
    assert addresses.checked(f" {url} ") == url


def test_networks_that_the_operator_opened_for_itself_stay_closed(settings: Any) -> None:
    settings.HTTP_CLIENT_ALLOWED_NETWORKS = ["10.0.0.0/8", "127.0.0.0/8"]
    with pytest.raises(http_client.OutboundRefused) as caught:
        http_client.resolve("127.0.0.1", 443, addresses.limits().networks)
    assert caught.value.code == "address_refused"
    assert http_client.resolve("127.0.0.1", 443) == "127.0.0.1"


@pytest.mark.django_db
def test_a_name_that_points_inside_is_not_called(
    cast: Cast, run_jobs: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the moment of the call, whatever the name pointed to when it was entered."""
    hook, _secret = actions.add_webhook(
        actor=cast.owner.actor, organisation_id=cast.home.pk,
        url="https://rebinding.example.org/", kinds=["contract.registered"],
    )  # fmt: skip
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443))]
    monkeypatch.setattr(http_client.socket, "getaddrinfo", lambda *a, **k: found)
    actions.send_test(actor=cast.owner.actor, webhook_id=hook.pk)
    run_jobs()
    row = hook.deliveries.get()
    assert (row.state, row.fault, row.status_code) == ("waiting", "address_refused", None)


@pytest.mark.django_db
def test_a_stored_local_address_is_not_called_when_the_setting_is_off(
    cast: Cast, run_jobs: Callable[..., int]
) -> None:
    with receiving() as receiver:
        hook = Webhook.objects.create(
            organisation=cast.home, url=receiver.url, kinds=["contract.registered"],
            sealed_secret=signing.seal(signing.new_secret()),
        )  # fmt: skip
        actions.send_test(actor=cast.owner.actor, webhook_id=hook.pk)
        run_jobs()
        assert receiver.messages == []
    assert hook.deliveries.get().fault == "port_refused"


def test_an_answer_that_drips_ends_with_the_call() -> None:
    """Headers one byte at a time never meet the time-out of a single read."""
    import threading
    import time

    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _peer = server.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                for _second in range(100):
                    connection.sendall(b"a")
                    time.sleep(0.1)
            except OSError:
                pass

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    started = time.monotonic()
    limits = http_client.Limits(networks=["127.0.0.0/8"], seconds=0.5)
    with pytest.raises(http_client.OutboundRefused) as caught:
        http_client.call("GET", f"http://127.0.0.1:{server.getsockname()[1]}/", limits=limits)
    assert caught.value.code == "answer_too_slow"
    assert time.monotonic() - started < 3
    thread.join(5)
    server.close()
