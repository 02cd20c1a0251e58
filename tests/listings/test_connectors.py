"""What connectors make of answers: pure, without network or database."""

import json

import pytest

from listings.connectors.json_feed import JsonFeed
from listings.connectors.nasa_t2 import NasaT2
from listings.connectors.oai_pmh import OaiPmh
from listings.connectors.plain import plain, web_address
from listings.connectors.rows import mapping_of, row_of
from listings.connectors.shapes import Ask, Item, StartAgain, Trouble
from tests.listings import recorded as r

START = Ask("https://repository.example/oai", "", {}, {})


def read(connector, reply, ask=START):
    return connector.read(reply[2], ask)


# --- OAI-PMH --------------------------------------------------------------------------------------


def test_oai_asks_with_set_and_day_first_and_with_the_token_alone_afterwards():
    oai = OaiPmh()
    first = oai.url(Ask("https://a.example/oai", "tech", {"from": "2026-03-05"}, {}))
    assert first == (
        "https://a.example/oai?verb=ListRecords&metadataPrefix=oai_dc&set=tech&from=2026-03-05"
    )
    later = oai.url(Ask("https://a.example/oai?x=1", "tech", {}, {"token": "a/b=c&d?e:f#g h"}))
    assert later == (
        "https://a.example/oai?x=1&verb=ListRecords&resumptionToken=a%2Fb%3Dc%26d%3Fe%3Af%23g+h"
    )


def test_oai_record_becomes_an_item_with_both_languages_and_no_markup():
    page = read(OaiPmh(), r.records(r.record("1"), r.record("2", deleted=True), token=" next "))
    one, gone = page.items
    assert one.external_id == "oai:repository.example:1"
    assert list(one.titles) == ["Achievement 1", "成果第1号：新方法"]
    assert list(one.texts) == [r.WORDS["1"]]
    assert one.url == "https://repository.example/items/1"
    assert (one.published, one.holder) == ("2024", "Harbour Institute")
    assert gone.is_deleted
    assert page.cursor == {"token": "next"}
    assert page.kept == {"from": "2026-03-05"}


@pytest.mark.parametrize("token", [None, "", "  "])
def test_oai_list_ends_without_a_token(token):
    assert read(OaiPmh(), r.records(r.record("1"), token=token)).cursor is None


def test_oai_no_match_is_an_empty_run_and_not_a_fault():
    page = read(OaiPmh(), r.oai_error("noRecordsMatch"))
    assert (page.items, page.cursor, page.kept) == ([], None, {"from": "2026-03-05"})


def test_oai_forgotten_token_starts_again_but_not_for_ever():
    reply = r.oai_error("badResumptionToken", "expired")
    with pytest.raises(StartAgain):
        read(OaiPmh(), reply, Ask("https://a.example", "", {}, {"token": "x"}))
    with pytest.raises(Trouble) as caught:
        read(OaiPmh(), reply)
    assert (caught.value.code, caught.value.detail) == (
        "oai_error", "badResumptionToken: expired"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (r.BOMB, "xml_unsafe"),
        (b'<!DOCTYPE x SYSTEM "http://169.254.169.254/"><x/>', "xml_unsafe"),
        (b"<html><body>", "not_xml"),
        (b"", "not_xml"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "not_xml"),
        (b"<html/>", "not_oai"),
        (r.oai("<Identify/>", "")[2], "not_oai"),
        (r.oai_error("cannotDisseminateFormat")[2], "oai_format"),
        (r.oai_error("noSetHierarchy")[2], "oai_set"),
        (r.oai_error("badArgument", "from")[2], "oai_error"),
    ],
)
def test_oai_what_is_no_list_is_refused(body, code):
    with pytest.raises(Trouble) as caught:
        OaiPmh().read(body, START)
    assert caught.value.code == code


def test_oai_same_token_again_is_noticed_and_broken_records_are_counted():
    with pytest.raises(Trouble) as caught:
        read(OaiPmh(), r.records(token="a"), Ask("https://a.example", "", {}, {"token": "a"}))
    assert caught.value.code == "repeats"
    broken = (
        "<record><header/></record><record><header><identifier>x</identifier></header></record>"
    )
    page = read(OaiPmh(), r.records(broken, r.record("1")))
    assert len(page.broken) == 2
    assert len(page.items) == 1


# --- NASA -----------------------------------------------------------------------------------------


def test_nasa_rows_become_items_and_pages_follow_the_total():
    marked = 'A <span class="highlight">seal</span> &amp; a ring.<br>Second line.'
    row = r.nasa_row(7, "Seal for <b>engines</b>", marked)
    ask = Ask("https://api.nasa.gov/techtransfer/patent/", "rocket engine", {}, {})
    assert NasaT2().url(ask) == "https://api.nasa.gov/techtransfer/patent/?rocket%20engine"
    page = read(NasaT2(), r.nasa([row, ["only an id"], None], total=12), ask)
    (item,) = page.items
    assert item.external_id == "LEW-TOPS-7"
    assert list(item.titles) == ["Seal for engines"]
    assert list(item.texts) == ["A seal & a ring.\nSecond line."]
    assert item.url == "https://technology.nasa.gov/patent/LEW-TOPS-7"
    assert item.holder == "NASA Glenn"
    assert len(page.broken) == 2
    assert page.cursor == {"page": 1, "seen": 3}
    following = Ask(ask.address, ask.selection, {}, page.cursor)
    assert NasaT2().url(following).endswith("?rocket%20engine&page=1")
    assert read(NasaT2(), r.nasa([], total=12, page=1), following).cursor is None


@pytest.mark.parametrize(
    ("body", "code"), [(b"<html>", "not_json"), (b"[]", "not_nasa"), (b'{"error": 1}', "not_nasa")]
)
def test_nasa_other_answers_are_refused(body, code):
    with pytest.raises(Trouble) as caught:
        NasaT2().read(body, START)
    assert caught.value.code == code


# --- JSON Feed ------------------------------------------------------------------------------------


def test_feed_items_with_and_without_title_tags_and_authors():
    page = read(
        JsonFeed(),
        r.feed(
            [
                {"id": 17, "title": "Valve", "content_html": "<p>a &lt; b</p><p>c</p>",
                 "url": "https://f.example/17", "date_published": "2026-02-07T14:04:00-05:00",
                 "tags": ["Pumps", 3], "authors": [{"name": "Office"}], "language": "en"},
                {"id": "u", "content_text": "A note <of> one line\nand another"},
                {"title": "no id"}, "x", {"id": True, "title": "t"}, {"id": "e"},
            ]
        ),
    )  # fmt: skip
    valve, note = page.items
    assert (valve.external_id, list(valve.texts)) == ("17", ["a < b\nc"])
    assert (valve.published, list(valve.subjects), valve.holder) == (
        "2026-02-07", ["Pumps"], "Office"
    )  # fmt: skip
    assert list(note.titles) == ["A note <of> one line"]
    assert len(page.broken) == 4


def test_feed_leads_on_only_where_it_is_itself():
    ask = Ask("https://f.example/feed.json", "", {}, {})
    assert read(JsonFeed(), r.feed([], next_url="/feed.json?page=2"), ask).cursor == {
        "url": "https://f.example/feed.json?page=2"
    }
    for elsewhere in ("https://evil.example/x", "http://f.example/x", "https://f.example:8443/x"):
        with pytest.raises(Trouble) as caught:
            read(JsonFeed(), r.feed([], next_url=elsewhere), ask)
        assert caught.value.code == "other_host"
    with pytest.raises(Trouble) as caught:
        read(JsonFeed(), r.feed([], next_url=ask.address), ask)
    assert caught.value.code == "repeats"


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"version": 1}', json.dumps({"version": "https://x.example"}).encode()]
)
def test_feed_other_json_is_refused(body):
    with pytest.raises(Trouble) as caught:
        JsonFeed().read(body, START)
    assert caught.value.code == "not_feed"


# --- Shared ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("<p>One</p><p>two&nbsp;three</p>", "One\ntwo three"),
        ("a < b and c > d", "a < b and c > d"),
        ("<style>p{}</style>x<script>alert(1)</script>", "x"),
        ("H\u200bid\u202eden\x00", "Hidden"),
        ("<img src=x onerror=alert(1)>seen", "seen"),
        (None, ""),
        (17, ""),
    ],
)
def test_plain(given, text):
    assert plain(given) == text


@pytest.mark.parametrize(
    "given", ["javascript:alert(1)", "ftp://a.example", "https://", "http://[", "/x", None, 3,
              "https://a.example/\nx", "https://a.example/" + "x" * 500],
)  # fmt: skip
def test_addresses_that_no_reader_is_sent_to(given):
    assert web_address(given) == ""


def test_row_finds_the_field_by_the_operators_word_first_and_by_its_texts_otherwise():
    item = Item("1", titles=["涂层", "Coating"], texts=["短文。", "x" * 700], subjects=["Odd"],
                published="2999-01-01")  # fmt: skip
    row = row_of(item, {"odd": "new_energy"}, ())
    assert (row["title_zh"], row["title_en"], row["field"]) == ("涂层", "Coating", "new_energy")
    assert (row["summary_zh"], row["body_en"]) == ("短文。", "x" * 700)
    assert row["published"] == ""
    content = mapping_of("aerospace").content(row_of(item, {}, ()))
    assert content["field"]
    assert len(content["title_en"]) <= 200
