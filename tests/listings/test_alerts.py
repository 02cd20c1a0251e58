"""Alerts of saved searches: what is new is told once, to whom may see it, and nothing is lost."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.http import QueryDict
from django.utils import timezone

from events.models import Notification
from listings import alerts
from listings.actions import lifecycle, revisions, saved
from listings.actions.drafts import save_draft
from listings.models import NewListing, SavedSearch, SearchHit
from listings.percolation import hits
from listings.readings import anchors_of
from marketplace.core.actor import Actor
from marketplace.core.encoder import encoder
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.models import Job
from tests.listings.factories import published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def words_only(settings):
    settings.ENCODER = "none"
    encoder.cache_clear()
    yield
    encoder.cache_clear()


def watch(player, query="q=electrolyte", frequency="now", kind="technology", **values):
    return saved.save_search(
        actor=player.actor, kind=kind, query=QueryDict(query), frequency=frequency, **values
    )


def told(player):
    return list(
        Notification.objects.filter(recipient=player.user, kind="listing.new_for_search").order_by(
            "pk"
        )
    )


def test_a_new_listing_is_told_at_once_in_the_page_and_by_mail(cast, run_jobs):
    watch(cast.newcomer, name="Cold cells")
    published(cast.home, title_en="Electrolyte for the cold", title_zh="低温电解液")
    run_jobs()
    (row,) = told(cast.newcomer)
    assert row.params["name"] == "Cold cells" and row.params["count"] == 1
    assert row.params["titles_en"] == "Electrolyte for the cold"
    assert row.params["titles_zh"] == "低温电解液"
    (letter,) = [one for one in mail.outbox if one.to == [cast.newcomer.user.email]]
    assert "Cold cells" in letter.subject and "Electrolyte for the cold" in letter.body
    assert letter.extra_headers["List-Unsubscribe"]
    page = cast.newcomer.client.get(row.url)
    assert page.status_code == 302 and page["Location"].startswith("/technologies/?q=electrolyte")


@pytest.mark.parametrize(
    ("query", "kind", "expected"),
    [
        ("q=electrolyte", "technology", True),
        ("q=electrolyte+capacity", "technology", True),
        ("q=电解液", "technology", True),
        ("q=electrolyte+zirconium", "technology", False),
        ("q=electrolyte", "need", False),
        ("", "technology", True),
        ("field=new_energy", "technology", True),
        ("field=aerospace", "technology", False),
        ("field=aerospace&field=new_energy&trl_min=5", "technology", True),
        ("q=electrolyte&trl_min=8", "technology", False),
        ("mode=assignment", "technology", True),
        ("mode=service", "technology", False),
        ("price_max=500000", "technology", True),
        ("price_max=50000", "technology", False),
        ("region=440000", "technology", True),
        ("ip=invention", "technology", True),
        ("ip=software", "technology", False),
        ("organisation_kind=domestic_enterprise", "technology", True),
        ("verified=1&language=zh", "technology", True),
    ],
)
def test_each_search_finds_what_its_list_would_show(cast, run_jobs, query, kind, expected):
    watch(cast.newcomer, query, kind=kind)
    published(
        cast.home, title_zh="低温电解液", modes=["assignment"], price_kind="firm",
        price_min="100000", price_max="400000", region="440305",
        ip_rights=[{"kind": "invention", "status": "granted", "office": "CN"}],
    )  # fmt: skip
    run_jobs()
    assert bool(told(cast.newcomer)) is expected


def test_what_was_there_before_is_not_new(cast, run_jobs):
    published(cast.home)
    run_jobs()
    watch(cast.newcomer)
    run_jobs()
    assert not told(cast.newcomer)


def test_an_edited_paused_or_renewed_listing_is_not_new_again(cast, run_jobs):
    listing = published(cast.home)
    run_jobs()
    watch(cast.newcomer)
    owner = cast.owner.actor
    revision = revisions.start_revision(actor=owner, listing_id=listing.pk)
    save_draft(actor=owner, listing_id=revision.pk, data={"title_en": "Electrolyte anew"})
    lifecycle.submit(actor=Actor.system(), listing_id=revision.pk)
    run_jobs()
    lifecycle.pause(actor=owner, listing_id=listing.pk)
    run_jobs()
    lifecycle.resume(actor=owner, listing_id=listing.pk)
    lifecycle.renew(actor=owner, listing_id=listing.pk)
    run_jobs()
    assert not told(cast.newcomer)
    assert NewListing.objects.count() == 1


def test_the_same_listing_is_told_once_however_often_the_jobs_run(cast, run_jobs):
    search = watch(cast.newcomer)
    published(cast.home)
    run_jobs()
    alerts.tell(search.pk)
    NewListing.objects.update(checked_at=None)  # as if the check had died after its work
    alerts.check_new()
    run_jobs()
    assert len(told(cast.newcomer)) == 1


def test_a_check_that_dies_is_done_again(cast, run_jobs, monkeypatch):
    watch(cast.newcomer)
    published(cast.home)

    def die(*args, **kwargs):
        raise RuntimeError("the worker died")

    with monkeypatch.context() as patched:
        patched.setattr(alerts, "_enqueue", die)
        run_jobs(check=False)
    assert not SearchHit.objects.exists() and not told(cast.newcomer)
    assert NewListing.objects.filter(checked_at__isnull=True).count() == 1
    run_jobs(check=False, delayed=True)
    assert len(told(cast.newcomer)) == 1


def test_daily_and_weekly_are_told_when_their_time_has_come(cast, run_jobs):
    watch(cast.newcomer, frequency="daily")
    watch(cast.rival, frequency="weekly")
    published(cast.home)
    run_jobs()
    alerts.tell_due()
    run_jobs()
    assert not told(cast.newcomer) and not told(cast.rival)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1, minutes=1)):
        published(cast.home, title_en="A second electrolyte")
        run_jobs()
        alerts.tell_due()
        run_jobs()
        assert [row.params["count"] for row in told(cast.newcomer)] == [2]
        assert not told(cast.rival)
        alerts.tell_due()
        run_jobs()
        assert len(told(cast.newcomer)) == 1
    with time_machine.travel(timezone.now() + dt.timedelta(days=7, minutes=2)):
        alerts.tell_due()
        run_jobs()
        assert [row.params["count"] for row in told(cast.rival)] == [2]


def test_never_is_silent_and_catches_nothing_up(cast, run_jobs):
    search = watch(cast.newcomer, frequency="never")
    published(cast.home)
    run_jobs()
    saved.change_search(actor=cast.newcomer.actor, search_id=search.pk, frequency="now")
    run_jobs()
    assert not told(cast.newcomer)
    published(cast.home, title_en="Another electrolyte")
    run_jobs()
    assert [row.params["titles_en"] for row in told(cast.newcomer)] == ["Another electrolyte"]


def test_present_visibility_decides(cast, run_jobs):
    for player in (cast.newcomer, cast.rival, cast.owner):
        watch(player)
    published(cast.home, title_en="Members electrolyte", visibility="members")
    published(cast.home, title_en="Secret electrolyte", visibility="confidential")
    run_jobs()
    assert not told(cast.newcomer)
    assert [row.params["titles_en"] for row in told(cast.rival)] == ["Members electrolyte"]
    assert not told(cast.owner)  # its own are no news


def test_what_closed_before_the_notice_is_not_named(cast, run_jobs):
    search = watch(cast.newcomer, frequency="daily")
    listing = published(cast.home)
    run_jobs()
    lifecycle.pause(actor=cast.owner.actor, listing_id=listing.pk)
    assert alerts.tell(search.pk) == 0
    lifecycle.resume(actor=cast.owner.actor, listing_id=listing.pk)
    run_jobs()
    assert alerts.tell(search.pk) == 1


def test_closed_words_find_nothing_for_strangers(cast, run_jobs):
    watch(cast.rival, "q=zorblequin")
    watch(cast.newcomer, "q=brackenmoor")
    published(
        cast.home, confidential_text_en="zorblequin salt", members_text_en="brackenmoor trials"
    )
    run_jobs()
    assert not told(cast.rival) and not told(cast.newcomer)


def test_organisation_of_an_anonymous_listing_cannot_be_watched(cast, run_jobs):
    watch(cast.newcomer, f"organisation={cast.home.public_id}")
    published(cast.home, is_anonymous=True)
    run_jobs()
    assert not told(cast.newcomer)


def test_more_than_five_titles_are_counted(cast, run_jobs):
    search = watch(cast.newcomer, frequency="daily")
    for number in range(7):
        published(cast.home, title_en=f"Electrolyte {number}")
    run_jobs()
    alerts.tell(search.pk)
    (row,) = told(cast.newcomer)
    assert row.params["titles_en"].endswith("Electrolyte 2 · and 2 more")


def test_person_who_left_is_not_told(cast, run_jobs):
    watch(cast.newcomer)
    cast.newcomer.user.is_active = False
    cast.newcomer.user.save()
    published(cast.home)
    run_jobs()
    assert not told(cast.newcomer) and not SearchHit.objects.exists()


def test_anchor_is_the_rarest_word(cast, run_jobs):
    for number in range(3):
        published(cast.home, title_en=f"Electrolyte {number}")
    published(cast.home, title_en="Zirconium electrolyte")
    run_jobs()
    assert anchors_of("electrolyte zirconium") == ["zirconium"]
    assert anchors_of("it's") and anchors_of("") == []


def test_many_searches_take_few_queries(cast, run_jobs, django_assert_max_num_queries):
    made = [
        SavedSearch(
            user=cast.newcomer.user, name=str(n), kind="technology", query=f"q=word{n}",
            has_words=True, anchors=[f"word{n}"], watched_since=timezone.now(),
        )
        for n in range(300)
    ]  # fmt: skip
    SavedSearch.objects.bulk_create(made)
    listing = published(cast.home, title_en="word7 electrolyte")
    run_jobs()
    # two of them a savepoint, so that a search that the database refuses stops no other
    with django_assert_max_num_queries(8):
        found = list(hits([listing.pk]))
    assert [search.name for search, _pks in found] == ["7"]


def test_saving_the_same_search_again_changes_it(cast):
    first = watch(cast.newcomer, "q=electrolyte&page=3&field=new_energy&currency=CNY")
    again = watch(cast.newcomer, "field=new_energy&q=electrolyte", name="New name")
    assert first.pk == again.pk and again.name == "New name"
    assert first.query == "q=electrolyte&field=new_energy"


@pytest.mark.parametrize("query", ["q=!!!", "q=%E2%80%94"])
def test_question_without_words_is_refused(cast, query):
    with pytest.raises(Invalid):
        watch(cast.newcomer, query)


def test_limit_and_strangers(cast, monkeypatch):
    monkeypatch.setattr(saved, "MAX_SEARCHES", 1)
    search = watch(cast.newcomer)
    with pytest.raises(Conflict):
        watch(cast.newcomer, "q=coating")
    with pytest.raises(NotFound):
        saved.delete_search(actor=cast.rival.actor, search_id=search.pk)
    with pytest.raises(NotFound):
        saved.change_search(actor=cast.rival.actor, search_id=search.pk, name="x")
    assert not Job.objects.filter(kind="listings.tell_search").exists()


def test_a_search_that_the_database_refuses_keeps_nobody_from_its_alert(cast, run_jobs):
    poison = watch(cast.newcomer, query="field=new_energy")
    watch(cast.rival, query="field=new_energy")
    published(
        cast.home, price_kind="firm", price_min="100000", price_max="400000",
        specifications=[
            {"metric_en": "energy density", "comparator": "ge", "value": "350", "unit": "Wh/kg"}
        ],
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("listings.wanted._AMOUNT", re.compile(r".+"))
        query = "price_min=1E-9999999&spec=energy density >= 300 Wh/kg"
        SavedSearch.objects.filter(pk=poison.pk).update(query=query, read_with="")
        run_jobs()
    assert len(told(cast.rival)) == 1
    assert told(cast.newcomer) == []


def test_a_specification_is_kept_with_its_search(cast):
    kept = watch(cast.newcomer, query="spec=energy density >= 300 Wh/kg")
    assert QueryDict(kept.query).getlist("spec") == ["energy density >= 300 Wh/kg"]
