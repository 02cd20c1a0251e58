"""Saved searches decided in memory: the same as asking each one by the ordinary door."""

import random

import pytest
from django.http import QueryDict

from listings import readings
from listings.actions import saved
from listings.batches import Batch
from listings.indexing import index_many
from listings.models import Listing, SavedSearch, SearchEntry
from listings.percolation import hits, matching
from listings.queries.browse import browse
from listings.searches import wanted_of
from listings.wanted import PARAMETERS, read_wanted
from marketplace.core.actor import Actor
from tests.listings.factories import member_of, organisation, published

pytestmark = pytest.mark.django_db

WORDS = [
    "electrolyte", "coating", "lithium-ion battery", "LIB", "电池", "固态电解质", "低温",
    "membrane",
    "超滤膜", "wastewater", "o'clock", "C++", "3.5", "fluorinated ester", "涂层",
]  # fmt: skip
QUESTIONS = [
    *WORDS, "electrolyte coating", "电池 低温", "membrane -coating", "-电池 低温", '"solid state"',
    "trl:5-7", "coating trl:>=6", "field:new_energy 电池", "field:aerospace",
    "org:Lakeside membrane",
    "energy density >= 300 Wh/kg", '电池 -membrane "电池 低温"', "it's", "!!!", "-nothing",
]  # fmt: skip
FILTERS = [
    "", "", "", "field=new_energy", "field=new_materials&field=aerospace", "sub_field=batteries",
    "trl_min=5", "trl_max=6", "trl_min=3&trl_max=7", "mode=assignment&mode=service",
    "price_min=200000", "price_max=300000", "price_min=100000.50&price_max=400000&currency=CNY",
    "price_min=1&currency=USD", "ip=invention", "ip=software", "organisation_kind=higher_education",
    "region=440000", "region=440300", "region=440305", "country=CN", "country=NO", "language=zh",
    "language=en", "verified=1", "spec=energy density >= 300 Wh/kg",
]  # fmt: skip


@pytest.fixture
def market(settings):
    """Forty listings of random texts and facts by six organisations, in all tiers."""
    dice = random.Random(5)
    owners = [
        organisation("Lakeside", kind="higher_education", country="CN", region="440305"),
        organisation("湖畔", kind="domestic_enterprise", country="CN", region="420111"),
        organisation("Fjord", kind="foreign_enterprise", country="NO"),
        organisation("Unknown", verified=False),
    ]
    for number in range(40):
        text = " ".join(dice.sample(WORDS, 3))
        priced = dice.random() < 0.6
        published(
            dice.choice(owners), kind=dice.choice(["technology", "technology", "need"]),
            title_en=f"{text} {number}",
            title_zh=f"{dice.choice(WORDS)}电池 低温{number}" if dice.random() < 0.6 else "",
            summary_en=dice.choice(["A solid state thing.", "Something else."]),
            body_en=dice.choice(["", " ".join(dice.sample(WORDS, 4))]),
            members_text_en=dice.choice(["", "", dice.choice(WORDS)]),
            confidential_text_en=dice.choice(["", dice.choice(WORDS)]),
            field=dice.choice(["new_energy", "new_materials", "aerospace"]), sub_field="",
            more_fields=dice.choice([[], ["agriculture"], ["aerospace"]]),
            trl=dice.choice([2, 5, 6, 9]),
            modes=dice.choice([[], ["assignment"], ["service"]]),
            visibility=dice.choice(["public", "public", "public", "members", "confidential"]),
            is_anonymous=dice.random() < 0.3,
            region=dice.choice(["", "440305", "440300", "420111"]),
            specifications=[
                {"metric_en": "energy density", "comparator": "ge", "unit": "Wh/kg",
                 "value": dice.choice(["250", "350"])}
            ] if dice.random() < 0.3 else [],
            ip_rights=[{"kind": dice.choice(["invention", "software"]), "status": "granted",
                        "office": "CN"}] if dice.random() < 0.5 else [],
            **({"price_kind": "firm", "currency": dice.choice(["CNY", "USD"]),
                "price_min": "100000", "price_max": dice.choice(["250000", "400000"])}
               if priced else {}),
        )  # fmt: skip
    ids = list(Listing.objects.order_by("pk").values_list("pk", flat=True))
    index_many(ids, meanings=False)
    SearchEntry.objects.filter(pk=ids[-1]).update(
        words_public=None, words_members=None
    )  # on its way
    return owners, ids


def queries():
    dice = random.Random(7)
    every = [f"q={question}&{filters}" for question in QUESTIONS for filters in ("", "trl_min=5")]
    every += FILTERS
    every += [
        "&".join([f"q={dice.choice(QUESTIONS)}", *dice.sample(FILTERS, 2)]).replace("+", "%2B")
        for _ in range(150)
    ]
    return every


def test_every_parameter_of_a_search_is_tried():
    """But an organisation, whose id is given by the market: see below."""
    tried = {name for text in FILTERS for name in QueryDict(text.replace(">=", "%3E%3D"))}
    wanted = {name for names in PARAMETERS.values() for name in names}
    assert tried == wanted - {"organisation"}


def test_a_filter_that_batches_do_not_know_is_no_silence(market):
    _owners, ids = market
    with pytest.raises(ValueError, match="colour"):
        Batch(ids).found({"colour": ["red"]}, "technology", member=False)


def test_what_is_decided_in_memory_is_what_the_database_says(market):
    _owners, ids = market
    batch = Batch(ids)
    found = 0
    for kind in ("technology", "need"):
        for query in queries():
            wanted = read_wanted(kind, QueryDict(query))
            reading = readings.read(wanted)
            for reader in (Actor.visitor(), Actor(verified_ids=frozenset({0}))):
                said = set(matching(wanted, reader, ids).values_list("pk", flat=True))
                held = set(batch.ids(batch.found(reading, kind, member=reader.is_verified_member)))
                assert said == held or (reading.get("ask") and said < held), (query, kind)
                found += len(said)
    assert found > 500  # or nothing was shown


def test_hits_are_what_each_person_finds_by_its_list(market):
    """For everybody but owners: what is one's own is no news."""
    owners, ids = market
    people = [member_of(owners[0]), member_of(owners[3]), member_of(organisation(verified=False))]
    for number, query in enumerate(dict.fromkeys(queries())):
        for actor in people:
            kind = ("technology", "need")[number % 2]
            text = saved.canonical(kind, QueryDict(query))
            SavedSearch.objects.get_or_create(
                user_id=actor.user_id, kind=kind, query=text,
                defaults={"name": "x", "watched_since": "2026-01-01T00:00:00Z"},
            )  # fmt: skip
    readings.renew()
    told = {search.pk: set(pks) for search, pks in hits(ids)}
    owned = dict(Listing.objects.values_list("pk", "owner_id"))
    for search in SavedSearch.objects.order_by("pk"):
        actor = next(one for one in people if one.user_id == search.user_id)
        wanted = wanted_of(search.kind, search.query)
        answer = browse(wanted, actor)
        shown = set()
        if not answer.is_partial and not answer.meant:  # where it loosens nothing
            for number in answer.page.paginator.page_range:
                shown |= {row.pk for row in browse(wanted, actor, number).page.object_list}
        news = {pk for pk in shown if owned[pk] not in actor.organisation_ids}
        assert told.get(search.pk, set()) == news, (search.kind, search.query)


def test_a_reading_of_other_words_is_made_anew(market, monkeypatch):
    actor = member_of(organisation())
    search = saved.save_search(actor=actor, kind="technology", query=QueryDict("q=电池"))
    SavedSearch.objects.update(read_with="before", anchors=["gone"], reading={"nothing": True})
    # also where nobody has come round to it
    assert [one.pk for one, _pks in hits(market[1])] == [search.pk]
    assert readings.renew() == 1
    search.refresh_from_db()
    assert (search.read_with, search.anchors) == (readings.version(), ["电池"])
    assert "nothing" not in search.reading
    assert readings.renew() == 0


def test_two_releases_side_by_side_do_not_renew_for_ever(market, monkeypatch):
    actor = member_of(organisation())
    for text in ("电池", "coating"):
        saved.save_search(actor=actor, kind="technology", query=QueryDict(f"q={text}"))
    turns = iter(range(100))
    # the other release reads everything anew as soon as this one has
    monkeypatch.setattr(readings, "CHUNK", 1)
    monkeypatch.setattr(readings, "version", lambda: f"v{next(turns)}")
    assert readings.renew() == 2


def test_a_question_for_the_database_is_asked_with_many_others(
    market, django_assert_max_num_queries
):
    actor = member_of(organisation())
    for number in range(40):
        query = QueryDict(f'q="电池 低温{number}"')
        saved.save_search(actor=actor, kind="technology", query=query)
    with django_assert_max_num_queries(14):
        assert list(hits(market[1]))
