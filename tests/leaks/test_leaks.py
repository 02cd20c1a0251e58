"""Nobody reads what is not for them: not in any page, answer, mail, export or log line."""

import logging
from itertools import product
from typing import Any
from urllib.parse import quote

from django.core import mail

from tests.leaks.addresses import SEARCHES, addresses
from tests.leaks.reading import found_in, get, plain, text_of

SPIES = ["visitor", "newcomer", "claimant", "rival", "broker", "operator"]


def player_of(world: Any, role: str) -> Any:
    return world.quiet if role == "quiet" else getattr(world.cast, role)


def test_no_address_tells_a_secret(planted, caplog):
    """Every page and every endpoint, with every id, as everybody who is not an owner."""
    caplog.set_level(logging.INFO)
    leaks, faults = [], []
    everything = addresses(planted)
    assert len(everything) > 100
    for role in SPIES:
        player = player_of(planted, role)
        for address in everything:
            answer = get(player, address)
            if answer.status_code >= 500:
                faults.append(f"{role} {address}")
            told = found_in(text_of(answer), role, planted)
            if told:
                leaks.append(f"{role} {address} ({answer.status_code}): {', '.join(told)}")
    assert not leaks, "\n" + "\n".join(leaks)
    assert not faults, "\n" + "\n".join(faults)
    assert not found_in(caplog.text, "log", planted)


def test_comparison_and_last_seen_tell_no_secret(planted):
    """Asked for by id, and by a browser that remembers what its reader saw before."""
    ids = [made.public_id for made in planted.listings.values()]
    for role in SPIES:
        player = player_of(planted, role)
        for start in range(0, len(ids), 3):
            query = "&".join(f"id={one}" for one in (ids[0], *ids[start : start + 3]))
            answer = get(player, f"/compare/?{query}")
            assert not found_in(text_of(answer), role, planted), f"{role} {query}"
    owner, rival = planted.cast.owner.client, planted.cast.rival.client
    for key in ("hidden", "draft", "paused"):
        owner.get(f"/technologies/{planted.listings[key].public_id}/")
    rival.cookies["seen"] = owner.cookies["seen"].value
    for page in ("/", "/technologies/", "/dashboard/"):
        assert not found_in(text_of(get(planted.cast.rival, page)), "rival", planted), page


def test_alerts_were_sent_and_named_only_what_is_open(planted):
    from events.models import Notification

    rows = Notification.objects.filter(kind="listing.new_for_search")
    told = {row.recipient.email.partition("@")[0]: "" for row in rows.select_related("recipient")}
    for row in rows.select_related("recipient"):
        role = row.recipient.email.partition("@")[0]
        told[role] += str(row.params)
        assert not found_in(str(row.params), role, planted), role
    assert "Lithium electrolyte for cold" in told["newcomer"]
    assert "Brackenmoor" in told["rival"] and "Brackenmoor" not in told["newcomer"]


def test_no_question_finds_a_secret(planted):
    """Searches for each secret; a page may repeat the question, and nothing else."""
    leaks = []
    for role in ("visitor", "claimant", "rival", "operator"):
        player = player_of(planted, role)
        questions = [one.text for one in planted.secrets if role not in one.readers]
        questions += [tie.owner for tie in planted.ties]
        for pattern, text in product(SEARCHES, questions):
            address = pattern.format(q=quote(text))
            answer = get(player, address)
            told = found_in(text_of(answer), role, planted, echoed=text)
            if answer.status_code >= 500 or told:
                leaks.append(f"{role} {address} ({answer.status_code}): {', '.join(told)}")
    assert not leaks, "\n" + "\n".join(leaks)


def test_control_the_owners_do_read_each_secret(planted):
    """The same crawl as the owner finds every secret: the test above can fail."""
    # the text of a document stands in no page, it is found by searching for it; what is sealed, and
    # what another institution keeps, nobody of the cast reads
    missing = {
        one.text: one.name for one in planted.secrets if one.readers and "file text" not in one.name
    }
    for role, address in product(("owner", "outsider", "quiet", "broker"), addresses(planted)):
        if not missing:
            break
        read = text_of(get(player_of(planted, role), address))
        missing = {text: name for text, name in missing.items() if text not in read}
    assert not missing.values()


def test_control_a_leak_would_be_noticed(planted):
    secret = next(one for one in planted.secrets if one.name == "formula zh")
    escaped = secret.text.encode("unicode_escape")
    for text in (secret.text, plain(escaped), plain(f"<p>{secret.text[:2]}<mark>{secret.text[2:]}"
                                                    "</mark></p>".encode())):  # fmt: skip
        assert found_in(text, "rival", planted) == ["formula zh"]
        assert not found_in(text, "owner", planted)
    tie = planted.ties[0]
    assert found_in(f"{tie.marker} {tie.owner}", "rival", planted) == [tie.name]


def test_mails_notices_events_and_jobs_tell_no_secret(planted, run_jobs):
    from events.models import Event, Notification
    from marketplace.core.models import Job

    run_jobs(delayed=True)
    for letter in mail.outbox:
        role = letter.to[0].partition("@")[0]
        assert not found_in(plain(letter.message().as_bytes()), role, planted), letter.subject
    for row in Notification.objects.select_related("recipient"):
        role = row.recipient.email.partition("@")[0]
        assert not found_in(str(row.params), role, planted), row.kind
    for event in Event.objects.values():
        assert not found_in(str(event), "event", planted), event["kind"]
    for job in Job.objects.values():  # operators see them
        assert not found_in(str(job), "operator", planted), job["kind"]


def test_export_of_a_persons_data_tells_no_secret(planted):
    for role in ("rival", "broker", "newcomer"):
        answer = get(player_of(planted, role), "/api/v1/me/export/")
        text = text_of(answer)
        assert answer.status_code == 200 and len(text) > 200
        assert not found_in(text, role, planted)


def test_no_export_tells_a_secret(planted, run_jobs, monkeypatch):
    """Each format of each list, at once and in the background, as everybody who may not read."""
    from listings.actions.exports import ask_export
    from listings.exports import sending
    from listings.exports.finding import Asked

    monkeypatch.setattr(sending, "VISITOR_RATE", 999)
    quiet = planted.quiet.organisation.public_id
    for role in [*SPIES, "outsider"]:
        player = player_of(planted, role)
        for place, form in product(("technologies", "needs"), ("csv", "xlsx", "jsonl")):
            for question in ("", "q=lithium&", f"organisation={quiet}"):
                address = f"/{place}/export/?{question}&file={form}"
                answer = get(player, address)
                assert answer.status_code == 200, address
                assert not found_in(text_of(answer), role, planted), f"{role} {address}"
    for role in ("rival", "claimant"):
        player = player_of(planted, role)
        for own in (True, False):
            run = ask_export(
                actor=player.fresh(), asked=Asked("technology", "q=lithium", own), form="jsonl"
            )
            run_jobs()
            address = f"/api/v1/exports/{run.public_id}/content/"
            answer = get(player, address)
            assert answer.status_code == 200
            assert not found_in(text_of(answer), role, planted)
            assert get(planted.cast.outsider, address).status_code == 404
    # control: its own people do read it
    mine = text_of(get(planted.cast.owner, "/my/listings/export/?file=csv"))
    assert "zorblequin-salt" in mine
