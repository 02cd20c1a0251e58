"""Bringing listings in: over real HTTP from a server on this machine that plays answers."""

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.utils import timezone

from events.models import Event
from listings.actions import harvesting, sources
from listings.models import HarvestSource, Listing, ListingVersion
from marketplace.core import http_client
from marketplace.core.actor import Actor
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale
from marketplace.core.models import Job
from tests.listings import factories as f
from tests.listings import recorded as r

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


@pytest.fixture
def server(settings):
    settings.HTTP_CLIENT_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.HARVEST_PAUSE = 0
    settings.HARVEST_CONTACT = "market@yizhan.example"
    settings.ENCODER = "none"
    played = r.Recorded()
    yield played
    played.close()


@pytest.fixture
def owner():
    return f.organisation("Harbour Institute")


def add(server, owner, kind="oai_pmh", *, on=True, **facts):
    facts = {
        "name": "Harbour repository", "kind": kind, "owner": owner, "default_field": "new_energy",
        "address": f"{server.url}/oai", **facts,
    }  # fmt: skip
    source = sources.add_source(actor=SYSTEM, facts=facts)
    return sources.switch_on(actor=SYSTEM, source_id=source.pk) if on else source


def turn(source):
    """One turn of the source, as the job does it; returns the row as it is then."""
    harvesting.take_turn(source_id=source.pk)
    source.refresh_from_db()
    return source


def due_again(source):
    HarvestSource.objects.filter(pk=source.pk).update(next_run_at=timezone.now())


# --- A whole run ----------------------------------------------------------------------------------


def test_repository_is_read_page_by_page_and_only_changes_are_asked_for_the_next_time(
    server, owner, run_jobs
):
    server.plays(
        r.records(r.record("1"), r.record("2"), token="page two"),
        r.records(r.record("3"), token=""),
    )
    source = add(server, owner, selection="technology")
    run_jobs()
    source.refresh_from_db()
    first, second = server.heard
    assert first.query == {
        "verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "technology"
    }  # fmt: skip
    assert second.query == {"verb": "ListRecords", "resumptionToken": "page two"}
    assert first.headers["user-agent"] == "Yizhan-harvester/1 (+market@yizhan.example)"
    assert first.headers["from"] == "market@yizhan.example"
    assert (source.counts["created"], source.counts["pages"]) == (3, 2)
    assert (source.run, source.trouble, source.failures) == ({}, "", 0)
    assert source.next_run_at > timezone.now() + dt.timedelta(hours=23)
    listing = Listing.objects.get(external_id="oai:repository.example:1")
    assert (listing.state, listing.owner, listing.source) == (
        "published", owner, "Harbour repository"
    )  # fmt: skip
    assert listing.source_url == "https://repository.example/items/1"
    assert listing.title_zh == "成果第1号：新方法"
    assert listing.summary_en == r.WORDS["1"]
    assert "script" not in listing.summary_en + listing.body_en
    assert not listing.co_owners.exists()  # the publisher is the owner itself

    server.plays(r.oai_error("noRecordsMatch"))
    due_again(source)
    assert turn(source).trouble == ""
    assert server.heard[-1].query["from"] == "2026-03-05"
    assert Listing.objects.count() == 3


def test_the_same_again_changes_nothing_and_a_changed_record_becomes_a_new_version(server, owner):
    server.plays(r.records(r.record("1"), r.record("2")))
    source = turn(add(server, owner))
    before = list(Listing.objects.order_by("pk").values())
    due_again(source)
    assert turn(source).counts["same"] == 2
    assert list(Listing.objects.order_by("pk").values()) == before
    server.plays(r.records(r.record("1"), r.record("2", text=r.WORDS["4"])))
    due_again(source)
    assert turn(source).counts["changed"] == 1
    changed = Listing.objects.get(external_id="oai:repository.example:2")
    assert (changed.version, changed.summary_en) == (2, r.WORDS["4"])
    assert ListingVersion.objects.filter(listing=changed).count() == 2


@pytest.mark.parametrize(("chosen", "state"), [(True, "withdrawn"), (False, "published")])
def test_what_is_deleted_at_the_source_is_withdrawn_if_the_operator_chose_so(
    server, owner, chosen, state
):
    server.plays(r.records(r.record("1"), r.record("2")))
    source = turn(add(server, owner, withdraws_deleted=chosen))
    server.plays(r.records(r.record("1", deleted=True), r.record("9", deleted=True)))
    due_again(source)
    turn(source)
    assert Listing.objects.get(external_id="oai:repository.example:1").state == state
    assert source.counts["withdrawn" if chosen else "gone"] == 1
    assert Listing.objects.get(external_id="oai:repository.example:2").state == "published"
    assert Event.objects.filter(kind="listing.withdrawn").count() == int(chosen)


def test_nasa_key_travels_in_a_header_and_stands_nowhere_else(server, owner, caplog):
    caplog.set_level("DEBUG")
    rows = [r.nasa_row(n, f"Title {n}", r.WORDS[str(n)]) for n in (1, 2)]
    server.plays(r.nasa(rows[:1], total=2), r.nasa(rows[1:], total=2, page=1))
    source = add(
        server, owner, "nasa_t2", address=f"{server.url}/techtransfer/patent/", selection="engine",
        key="SEKRET-key-1", field_codes={"Materials and Coatings": "aerospace"},
    )  # fmt: skip
    turn(source)
    assert [heard.raw_query for heard in server.heard] == ["engine", "engine&page=1"]
    assert {heard.headers["x-api-key"] for heard in server.heard} == {"SEKRET-key-1"}
    assert source.counts["created"] == 2
    listing = Listing.objects.get(external_id="LEW-TOPS-1")
    assert (listing.field, listing.co_owners.get().name) == ("aerospace", "NASA Glenn")
    server.plays((403, {}, b"SEKRET-key-1 is not known"))
    due_again(source)
    turn(source)
    stored = json.dumps(list(HarvestSource.objects.values()), default=str)
    told = [stored, caplog.text, str(list(Event.objects.values())), str(list(Job.objects.values()))]
    assert "SEKRET" not in "".join(told)


def test_unchanged_feed_costs_one_short_answer(server, owner):
    item = {"id": "1", "title": "Valve", "content_text": r.WORDS["1"], "url": "https://f.example/1"}
    server.plays(r.feed([item], etag='"v1"'), (304, {}, b""))
    source = turn(add(server, owner, "json_feed"))
    assert "if-none-match" not in server.heard[0].headers
    due_again(source)
    turn(source)
    assert server.heard[1].headers["if-none-match"] == '"v1"'
    assert (source.counts["unchanged"], source.trouble) == (1, "")
    server.plays((304, {}, b""))
    due_again(source)
    turn(source)
    assert server.heard[2].headers["if-none-match"] == '"v1"'


# --- Copies ---------------------------------------------------------------------------------------


def test_copies_of_what_is_there_are_left_out_counted_and_reported(server, owner):
    other = f.organisation("Another owner")
    near = f.published(
        owner, title_en="Achievement 1", title_zh="成果第1号：新方法", summary_en=r.WORDS["1"],
        body_en="",
    )  # fmt: skip
    f.published(
        other, title_en="Achievement 2", title_zh="成果第2号：新方法", summary_en=r.WORDS["2"],
        body_en="Another way to say it, with a few more words about yeast and whey.",
    )  # fmt: skip
    exact = f.published(
        other, title_en="Achievement 4", title_zh="成果第4号：新方法", summary_en=r.WORDS["4"],
        body_en="",
    )  # fmt: skip
    server.plays(r.records(r.record("1", text=r.WORDS["1"].upper()), r.record("2"), r.record("4")))
    source = turn(add(server, owner))
    assert (source.counts["created"], source.counts["copies"]) == (1, 2)
    assert source.report == [
        {"id": "oai:repository.example:1", "why": "copy", "of": near.public_id},
        {"id": "oai:repository.example:4", "why": "copy", "of": exact.public_id},
    ]
    assert Listing.objects.get(source="Harbour repository").external_id.endswith(":2")


def test_two_entries_of_a_page_that_say_the_same_become_one_listing(server, owner):
    items = [{"id": str(n), "title": "Valve", "content_text": r.WORDS["1"]} for n in (1, 2)]
    items += [{"id": str(n), "title": "Short"} for n in (3, 4)]
    server.plays(r.feed(items))
    source = turn(add(server, owner, "json_feed"))
    assert (source.counts["created"], source.counts["copies"]) == (2, 2)


def test_hidden_and_anonymous_listings_are_not_betrayed_by_the_report(server, owner):
    same = {"title_en": "Achievement 1", "title_zh": "成果第1号：新方法", "body_en": ""}
    f.published(owner, **same, summary_en=r.WORDS["1"], visibility="confidential")
    f.published(owner, **same, summary_en=r.WORDS["1"].upper(), is_anonymous=True)
    server.plays(r.records(r.record("1")))
    source = turn(add(server, owner))
    assert (source.counts["created"], source.counts["copies"], source.report) == (1, 0, [])


def test_what_is_refused_is_counted_and_said(server, owner):
    server.plays(
        r.feed(
            [{"id": "x" * 130, "title": "Too long an id", "content_text": "a"}, {"title": "no id"},
             {"id": "a\x00b", "title": "Odd"}, {"id": "ok", "title": "Good one"}]
        )
    )  # fmt: skip
    source = turn(add(server, owner, "json_feed"))
    assert (source.counts["created"], source.counts["refused"]) == (1, 3)
    assert {note["why"] for note in source.report} == {"refused", "broken"}


# --- What goes wrong ------------------------------------------------------------------------------


def test_a_worker_that_dies_between_pages_loses_and_repeats_nothing(server, owner, monkeypatch):
    server.plays(
        r.records(r.record("1"), token="two"), r.records(r.record("2"), token="three"),
        r.records(r.record("3")),
    )  # fmt: skip
    source = add(server, owner)
    real, pages = harvesting._store, []

    def dies(read, found):
        pages.append(1)
        if len(pages) == 2:
            raise KeyboardInterrupt  # the process is gone: nothing after this line runs
        return real(read, found)

    monkeypatch.setattr(harvesting, "_store", dies)
    with pytest.raises(KeyboardInterrupt):
        turn(source)
    source.refresh_from_db()
    assert source.run["cursor"] == {"token": "two"}
    assert Listing.objects.count() == 1
    monkeypatch.setattr(harvesting, "_store", real)
    server.plays(r.records(r.record("2"), token="three"), r.records(r.record("3")))
    turn(source)
    tokens = [heard.query.get("resumptionToken") for heard in server.heard]
    assert tokens == [None, "two", "two", "three"]
    assert (source.counts["created"], source.counts["pages"], source.run) == (3, 3, {})


@pytest.mark.parametrize(
    ("wait", "least", "most"),
    [("120", 100, 130), ("3", 50, 70), ("999999999", 86_000, 86_500)],
)
def test_a_source_that_asks_for_a_pause_gets_it_and_its_place_is_kept(
    server, owner, wait, least, most
):
    server.plays(r.records(r.record("1"), token="two"), (503, {"Retry-After": wait}, b"busy"))
    source = turn(add(server, owner))
    assert (source.trouble, source.failures) == ("busy", 0)
    assert least < (source.next_run_at - timezone.now()).total_seconds() < most
    assert source.run["cursor"] == {"token": "two"}
    harvesting.enqueue_due()
    turn(source)
    assert len(server.heard) == 2  # not before its time
    server.plays(r.records(r.record("2")))
    due_again(source)
    assert turn(source).trouble == ""
    assert source.counts["created"] == 2


def test_retry_after_may_be_a_date(server, owner):
    server.plays((429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, b""))
    source = turn(add(server, owner))
    assert 50 < (source.next_run_at - timezone.now()).total_seconds() < 70


def test_failures_in_a_row_wait_longer_and_longer(server, owner):
    server.plays((500, {}, b""))
    source = add(server, owner)
    waits = []
    for _number in range(9):
        due_again(source)
        turn(source)
        waits.append(round((source.next_run_at - timezone.now()).total_seconds() / 60))
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]
    assert (source.trouble, source.failures) == ("server_error", 9)


@pytest.mark.parametrize(
    ("reply", "code", "detail"),
    [
        ((301, {"Location": "https://new.example/oai?verb=x"}, b""), "moved",
         "HTTP 301, https://new.example/oai"),
        ((404, {}, b""), "not_found", "HTTP 404"),
        ((418, {}, b""), "http_status", "HTTP 418"),
        ((200, {}, r.BOMB), "xml_unsafe", "DTDForbidden"),
        ((200, {}, b"<html>"), "not_xml", None),
        ((304, {}, b""), "http_status", "HTTP 304"),
        (r.oai_error("badArgument", "from"), "oai_error", "badArgument: from"),
    ],
)  # fmt: skip
def test_each_fault_is_named(server, owner, reply, code, detail):
    server.plays(reply)
    source = turn(add(server, owner))
    assert source.trouble == code
    assert detail in (None, source.trouble_detail)
    assert source.is_on
    assert Event.objects.get(kind="source.failed").data["code"] == code


def test_a_source_that_shuts_the_door_is_left_alone(server, owner):
    server.plays((403, {}, b""))
    source = turn(add(server, owner))
    assert (source.trouble, source.is_on, source.next_run_at) == ("key_refused", False, None)


def test_an_overlong_answer_and_private_addresses_are_refused(server, owner, settings, monkeypatch):
    monkeypatch.setattr(http_client, "MAX_BYTES", 100)
    server.plays(r.records(r.record("1")))
    source = turn(add(server, owner))
    assert source.trouble == "answer_too_large"
    settings.HTTP_CLIENT_ALLOWED_NETWORKS = []
    due_again(source)
    heard = len(server.heard)
    assert turn(source).trouble == "address_refused"
    assert len(server.heard) == heard


def test_a_forgotten_place_starts_again_and_in_the_end_gives_up(server, owner):
    server.plays(
        r.records(r.record("1"), token="two"), r.oai_error("badResumptionToken"),
        r.records(r.record("1"), token="two"), r.records(r.record("2")),
    )  # fmt: skip
    source = turn(add(server, owner))
    assert (source.counts["created"], source.counts["same"], source.trouble) == (2, 1, "")

    def forgets(heard):
        if "resumptionToken" in heard.query:
            return r.oai_error("badResumptionToken")
        return r.records(r.record("1"), token="two")

    server.script = forgets
    due_again(source)
    turn(source)
    assert (source.trouble, source.run) == ("starts_over", {})


def test_a_turn_is_bounded_and_asks_for_the_next_one(server, owner, monkeypatch, run_jobs):
    monkeypatch.setattr(harvesting, "PAGES_PER_TURN", 2)
    pages = [r.records(r.record(str(n)), token=f"after {n}") for n in (1, 2, 3)]
    server.plays(*pages, r.records(r.record("4")))
    source = turn(add(server, owner))
    assert len(server.heard) == 2
    assert source.is_running
    run_jobs()
    source.refresh_from_db()
    assert (len(server.heard), source.counts["created"]) == (4, 4)


def test_an_operator_who_changes_the_source_meanwhile_wins(server, owner, monkeypatch):
    source = add(server, owner)
    server.plays(r.records(r.record("1")))
    real = harvesting._asked

    def asked(read):
        found = real(read)
        sources.pause(actor=SYSTEM, source_id=read.pk)
        return found

    monkeypatch.setattr(harvesting, "_asked", asked)
    turn(source)
    assert not Listing.objects.exists()
    assert not source.is_on


@pytest.mark.django_db(transaction=True)
def test_one_worker_at_a_time_talks_with_a_host(server, owner, test_database):
    import psycopg

    source = add(server, owner)
    server.plays(r.records(r.record("1")))
    with psycopg.connect(test_database.own_url()) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('listings.harvest.127.0.0.1'))")
        turn(source)
        assert server.heard == []
    turn(source)
    assert len(server.heard) == 1


def test_pause_before_each_request(server, owner, settings, monkeypatch):
    settings.HARVEST_PAUSE = 7
    slept = []
    monkeypatch.setattr("listings.connectors.calling.time.sleep", slept.append)
    server.plays(r.records(r.record("1"), token="two"), r.records(r.record("2")))
    turn(add(server, owner))
    assert slept == [7, 7]


# --- What operators do ----------------------------------------------------------------------------


def test_nothing_is_called_before_an_operator_switched_it_on(server, owner, run_jobs):
    add(server, owner, on=False)
    harvesting.enqueue_due()
    run_jobs()
    assert server.heard == []


def test_only_operators_see_and_change_sources(cast, server, owner):
    source = add(server, owner)
    for player in (cast.owner, cast.moderator, cast.newcomer):
        for step in (sources.pause, sources.switch_on, sources.run_now, sources.remove_source):
            with pytest.raises((Refused, NotFound)):
                step(actor=player.actor, source_id=source.pk)
        assert player.client.get("/operations/sources/").status_code == 403
        assert player.api.get("/api/v1/operations/sources/").status_code == 403
    assert cast.visitor.client.get("/operations/sources/").status_code == 302


def test_run_now_pause_and_remove(server, owner):
    source = add(server, owner, on=False)
    with pytest.raises(Conflict, match="paused"):
        sources.run_now(actor=SYSTEM, source_id=source.pk)
    sources.switch_on(actor=SYSTEM, source_id=source.pk)
    with pytest.raises(Conflict, match="Pause it first"):
        sources.remove_source(actor=SYSTEM, source_id=source.pk)
    sources.run_now(actor=SYSTEM, source_id=source.pk)
    assert Job.objects.filter(kind="listings.harvest", state="waiting").count() == 1
    sources.pause(actor=SYSTEM, source_id=source.pk)
    sources.remove_source(actor=SYSTEM, source_id=source.pk)
    assert not HarvestSource.objects.exists()


def test_another_host_does_not_get_the_key_and_another_selection_is_read_from_the_start(
    server, owner
):
    source = add(server, owner, key="SEKRET")
    HarvestSource.objects.update(kept={"from": "2026-01-01"}, run={"cursor": {"token": "x"}})

    def change(**facts):
        sources.change_source(actor=SYSTEM, source_id=source.pk, facts=facts)
        source.refresh_from_db()
        return source

    assert change(every_hours=5).kept
    assert change(selection="other").kept == {}
    assert source.run == {}
    assert change(address=f"{server.url}/elsewhere").has_key
    assert not change(address="https://other.example/oai").has_key
    with pytest.raises(Stale):
        sources.change_source(actor=SYSTEM, source_id=source.pk, facts={}, expected_version=1)


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"address": "ftp://a.example/"}, {"address"}),
        ({"address": "https://user:pass@a.example/"}, {"address"}),
        ({"address": "http://a.example/", "key": "k"}, {"address"}),
        ({"key": "ключ"}, {"key"}),
        ({"field_codes": {"x": "alchemy"}, "every_hours": 0}, {"field_codes", "every_hours"}),
        ({"name": ""}, {"name"}),
        ({"default_field": "alchemy"}, {"default_field"}),
    ],
)
def test_wrong_facts_are_refused_all_at_once(server, owner, facts, fields):
    with pytest.raises(Invalid) as caught:
        add(server, owner, on=False, **facts)
    assert set(caught.value.fields) == fields


def test_unverified_owner_second_name_and_fixed_facts_are_refused(server, owner):
    with pytest.raises(Invalid):
        add(server, f.organisation("Claim", verified=False), on=False)
    source = add(server, owner, on=False)
    with pytest.raises(Invalid):
        add(server, owner, on=False)
    with pytest.raises(Invalid):
        sources.change_source(actor=SYSTEM, source_id=source.pk, facts={"name": "Other"})


# --- Pages and API --------------------------------------------------------------------------------

FORM = {
    "name": "Lake feed", "kind": "json_feed", "address": "https://lake.example/feed.json",
    "owner": "Lakeside University", "listing_kind": "technology", "default_field": "new_energy",
    "every_hours": "12", "field_codes": "Coatings = new_materials\n", "key": "SEKRET-2",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_operators_add_change_and_step_by_page(cast, language):
    client = cast.operator.client
    client.cookies["language"] = language
    assert client.get("/operations/sources/").status_code == 200
    wrong = client.post("/operations/sources/new/", {**FORM, "owner": "Nobody", "every_hours": "x"})
    assert wrong.status_code == 422
    assert "https://lake.example/feed.json" in wrong.content.decode()
    assert "SEKRET" not in wrong.content.decode()
    made = client.post("/operations/sources/new/", FORM)
    source = HarvestSource.objects.get()
    page = f"/operations/sources/{source.public_id}/"
    assert made["Location"] == page
    assert (source.owner, source.field_codes) == (cast.outside, {"coatings": "new_materials"})
    HarvestSource.objects.update(
        trouble="not_feed", trouble_at=timezone.now(), counts={"created": 2, "pages": 1},
        report=[{"id": "7", "why": "copy", "of": "AAAAAAAAAA"},
                {"id": "", "why": "broken", "text": "item 3"}],
    )  # fmt: skip
    for address in (page, f"{page}edit/", "/operations/sources/"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "SEKRET" not in answer.content.decode()
    changed = client.post(f"{page}edit/", {**FORM, "key": "", "every_hours": "6"})
    assert changed.status_code == 302
    source.refresh_from_db()
    assert (source.every_hours, source.has_key) == (6, True)
    for step, on in (("run", False), ("on", True), ("pause", False)):
        assert client.post(f"{page}step/{step}/").status_code == 302
        source.refresh_from_db()
        assert source.is_on is on
    assert client.post(f"{page}step/remove/")["Location"] == "/operations/sources/"


def test_operators_do_the_same_by_api(cast):
    api = cast.operator.api
    facts = {**FORM, "owner": cast.outside.public_id, "field_codes": {"Coatings": "new_materials"}}
    made = api.post("/api/v1/operations/sources/", facts, format="json")
    assert made.status_code == 201, made.content
    assert (made.json()["has_key"], made.json()["is_on"]) == (True, False)
    assert "SEKRET" not in made.content.decode()
    one = f"/api/v1/operations/sources/{made.json()['id']}/"
    wrong = api.patch(one, {"field_codes": {"a": "alchemy"}}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "field_codes")
    assert api.patch(one, {"every_hours": 3}, format="json").json()["every_hours"] == 3
    assert api.patch(one, {"key": ""}, format="json").json()["has_key"] is False
    assert api.post(f"{one}run-now/").json()["code"] == "source_off"
    assert api.post(f"{one}switch-on/").json()["is_on"] is True
    assert api.delete(one).status_code == 409
    assert api.post(f"{one}pause/").json()["is_on"] is False
    assert api.delete(one).status_code == 204


def test_list_of_sources_takes_the_same_queries_however_many(
    cast, server, owner, django_assert_num_queries
):
    for number in range(4):
        add(server, owner, on=False, name=f"Source {number}")
    client = cast.operator.client
    client.get("/operations/sources/")
    with django_assert_num_queries(10):
        client.get("/operations/sources/")


def test_readers_see_the_source_on_the_listing(cast, server, owner):
    server.plays(r.records(r.record("1")))
    turn(add(server, owner))
    page = cast.visitor.client.get(f"/technologies/{Listing.objects.get().public_id}/")
    text = page.content.decode()
    assert 'href="https://repository.example/items/1"' in text
    assert "Harbour repository" in text
    call_command("check")
