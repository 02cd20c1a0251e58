"""From publishing to stored pairs."""

from __future__ import annotations

import pytest
from django.utils import timezone

from events.models import Event, Notification
from listings import indexing
from listings.actions import lifecycle
from listings.models import Listing, SearchEntry
from marketplace.core.actor import Actor
from marketplace.core.models import Job
from matching.actions.matching import complete_runs, match_listing
from matching.models import Level, Match, MatchRun, Rarity
from matching.pipeline import delivery, rarity, variety
from matching.pipeline.model import current
from tests.listings.factories import member_of, organisation, published
from tests.matching.conftest import Topics
from tests.matching.factories import RETENTION, match_of, pair, spec
from tests.matching.test_scoring import subject

pytestmark = pytest.mark.django_db


def changed(listing: Listing, **values: object) -> Listing:
    """The listing with other content and version, indexed anew by its job."""
    Listing.objects.filter(pk=listing.pk).update(version=listing.version + 1, **values)
    listing.refresh_from_db()
    lifecycle.changed([listing.pk])
    return listing


def test_publishing_matches_a_technology_with_a_need_of_another_organisation(run_jobs):
    need, technology = pair(
        organisation(), organisation(),
        need={"specifications": [spec()]}, technology={"specifications": [spec(value="84")]},
    )  # fmt: skip
    run_jobs()
    match = Match.objects.get()
    assert (match.need, match.technology) == (need, technology)
    assert match.need_owner_id == need.owner_id and match.technology_owner_id == technology.owner_id
    assert match.score == match.need_score == match.technology_score
    assert match.model_version == current().version
    assert match.features["specifications_met"] > 0


@pytest.mark.parametrize("first", ["need", "technology"])
def test_score_does_not_depend_on_which_was_published_first(run_jobs, first):
    one, other = organisation(), organisation()
    published(one, kind="need") if first == "need" else published(other)
    run_jobs()
    published(other) if first == "need" else published(one, kind="need")
    run_jobs()
    match = Match.objects.get()
    stored = match.score
    match_listing(listing_id=match.need_id, repeat_before=timezone.now())
    match.refresh_from_db()
    assert abs(match.score - stored) <= 1


def test_listings_of_one_organisation_are_not_matched(run_jobs):
    one = organisation()
    pair(one, one)
    run_jobs()
    assert not Match.objects.exists()
    assert MatchRun.objects.count() == 2


def test_unrelated_listings_are_not_kept(run_jobs):
    pair(
        organisation(), organisation(),
        technology={"title_en": "Bread slicer", "summary_en": "Cuts loaves.", "body_en": "Steel.",
                    "field": "agriculture"},
    )  # fmt: skip
    run_jobs()
    assert not Match.objects.exists()


def test_a_version_is_matched_once(run_jobs):
    need, _technology = pair(organisation(), organisation())
    run_jobs()
    before = MatchRun.objects.get(pk=need.pk)
    assert match_listing(listing_id=need.pk) is None
    after = MatchRun.objects.get(pk=need.pk)
    assert after.matched_at == before.matched_at
    assert after.listing_version == Listing.objects.get(pk=need.pk).version


def test_new_version_is_matched_anew_and_keeps_the_pair(run_jobs):
    need, _technology = pair(organisation(), organisation())
    run_jobs()
    pk = Match.objects.get().pk
    changed(need, trl=9)
    run_jobs()
    match = Match.objects.get()
    assert match.pk == pk
    assert match.features["trl"] < 1
    assert MatchRun.objects.get(pk=need.pk).listing_version == need.version


def test_pair_that_fits_no_longer_is_removed_unless_answered(run_jobs):
    need, technology = pair(organisation(), organisation())
    other = published(organisation(), title_en="Electrolyte for -40 degC pouch cells, second")
    run_jobs()
    assert Match.objects.filter(need=need).count() == 2
    Match.objects.filter(technology=technology).update(
        need_answer="declined", need_reason="immature"
    )
    changed(need, title_en="Bread slicer", summary_en="Loaves to be cut.", field="agriculture")
    run_jobs()
    match = Match.objects.get()
    assert match.technology == technology != other
    assert (match.need_answer, match.need_reason) == ("declined", "immature")
    assert match.level == Level.WEAK and match.need_score <= match.score < current().floor


def test_paused_listing_loses_its_unanswered_pairs_and_keeps_the_others(run_jobs):
    need, technology = pair(organisation(), organisation())
    published(organisation(), title_en="Electrolyte for -40 degC pouch cells, second")
    run_jobs()
    Match.objects.filter(technology=technology).update(technology_answer="interested")
    lifecycle.pause(actor=Actor.system(), listing_id=need.pk)
    run_jobs()
    assert Match.objects.get().technology == technology
    assert not MatchRun.objects.filter(pk=need.pk).exists()
    lifecycle.resume(actor=Actor.system(), listing_id=need.pk)
    run_jobs()
    assert Match.objects.filter(need=need).count() == 2
    assert Match.objects.get(technology=technology).technology_answer == "interested"


def test_listing_keeps_no_more_than_the_best(run_jobs, monkeypatch):
    monkeypatch.setattr(delivery, "KEEP", 3)
    need = published(organisation(), kind="need", specifications=[spec()])
    best = published(organisation(), specifications=[spec(value="90")])
    for number in range(5):
        title = f"Electrolyte for pouch cells at -40 degC, kind {number}"
        published(organisation(), title_en=title)
    run_jobs()
    assert Match.objects.filter(need=need).count() == 3
    assert Match.objects.filter(need=need, technology=best).exists()


BODIES = [
    "A salt blend with nitrile solvents that coats cells in forty litre drums.",
    "Gelled films cast between steel rollers under argon, cut and stacked by robots.",
    "An ester mixture made from corn waste, filtered twice and shipped in tanks.",
    "Ceramic powder sintered with lithium foil at four hundred degrees for an hour.",
    "Sulphide glass pressed cold into discs, which a second plant stamps and seals.",
    "Ionic liquid drops printed on copper mesh by inkjet heads in a clean room.",
    "Polymer brushes grown from silicon wafers and peeled off in warm water.",
]


@pytest.mark.parametrize("needs_first", [True, False])
def test_one_owner_does_not_fill_a_list_from_whichever_side_it_is_matched(run_jobs, needs_first):
    maker = organisation()

    def offer():
        for number, body in enumerate(BODIES):
            published(maker, title_en=f"Electrolyte at -40 degC, make {number}", body_en=body)

    if not needs_first:
        offer()
    need = published(organisation(), kind="need")
    if needs_first:
        run_jobs()
        offer()
    other = published(organisation(), title_en="Electrolyte at -40 degC of another maker")
    run_jobs()
    owners = [row.technology_owner_id for row in Match.objects.filter(need=need)]
    assert owners.count(maker.pk) == variety.PER_OWNER < len(BODIES)
    assert Match.objects.filter(need=need, technology=other).exists()


def test_the_same_text_again_stands_in_a_list_once(run_jobs):
    maker = organisation()
    need = published(organisation(), kind="need")
    first, again = published(maker), published(maker)
    elsewhere = published(organisation())
    run_jobs()
    assert Match.objects.filter(need=need).count() == 2  # by the runs of the technologies
    match_listing(listing_id=need.pk, repeat_before=timezone.now())  # and by its own
    kept = set(Match.objects.filter(need=need).values_list("technology_id", flat=True))
    assert kept == {first.pk, elsewhere.pk} and again.pk not in kept


def test_a_title_too_short_to_compare_stands_in_a_list_once(run_jobs):
    maker = organisation()
    need = published(organisation(), kind="need")
    short = {"summary_en": "Cold cells.", "body_en": "Cold cells."}
    first = published(maker, title_en="Electrolyte at -40 degC", **short)
    again = published(maker, title_en="Electrolyte at -30 degC", **short)
    other = published(maker, title_en="Electrolyte in spray cans", **short)
    assert not first.fingerprint and not again.fingerprint
    run_jobs()
    match_listing(listing_id=need.pk, repeat_before=timezone.now())
    kept = set(Match.objects.filter(need=need).values_list("technology_id", flat=True))
    assert kept == {first.pk, other.pk} and again.pk not in kept


def test_what_was_answered_takes_no_place_of_its_owner_and_is_not_asked_again(run_jobs):
    maker = organisation()
    need = published(organisation(), kind="need")
    first = published(maker)
    run_jobs()
    Match.objects.update(need_answer="declined", need_reason="immature")
    again = published(maker)
    for number, body in enumerate(BODIES):
        published(maker, title_en=f"Electrolyte at -40 degC, make {number}", body_en=body)
    for _ in range(2):
        run_jobs()
        rows = Match.objects.filter(need=need)
        assert rows.filter(need_answer="").count() == variety.PER_OWNER
        assert rows.filter(technology=first).exists()
        assert not rows.filter(technology=again).exists()
        match_listing(listing_id=need.pk, repeat_before=timezone.now())
        match_listing(listing_id=again.pk, repeat_before=timezone.now())


def test_a_text_between_two_others_takes_neither_from_the_list(run_jobs):
    """Near to both, which are not near to each other: only the one in between says it again."""
    maker = organisation()
    need = published(organisation(), kind="need")
    one, between, other = [
        published(maker, title_en=f"Electrolyte at -40 degC, make {number}", body_en=body)
        for number, body in enumerate(BODIES[:3])
    ]
    for listing, fingerprint in ((one, 0b1), (between, 0b11111 << 0), (other, 0b1111111111)):
        Listing.objects.filter(pk=listing.pk).update(fingerprint=fingerprint)
    run_jobs()
    Match.objects.filter(technology=between).update(need_score=10)
    match_listing(listing_id=between.pk, repeat_before=timezone.now())
    kept = set(Match.objects.filter(need=need).values_list("technology_id", flat=True))
    assert {one.pk, other.pk} <= kept


def test_a_hidden_listing_takes_no_place_of_an_open_one():
    """Nor does a better exact score, where the reader sees only levels."""
    one = subject("technology", pk=2, owner_id=9)
    hidden = subject("technology", pk=1, owner_id=9, visibility="confidential")
    many = [subject("technology", pk=number, owner_id=9) for number in range(3, 12)]
    found = [(hidden, 99), *((other, 50) for other in many), (one, 50)]
    stay = variety.varied(found)
    assert {1, 2} <= stay and len(stay) == 1 + variety.PER_OWNER


def test_popular_listing_keeps_no_more_than_the_best_either(run_jobs, monkeypatch):
    monkeypatch.setattr(delivery, "KEEP", 3)
    technology = published(organisation())
    for number in range(6):
        published(
            organisation(), kind="need", title_en=f"Electrolyte for pouch cells, kind {number}"
        )
        run_jobs()
    assert Match.objects.filter(technology=technology).count() == 3


def test_new_strong_pairs_are_told_to_both_sides_once(run_jobs):
    seller, buyer = organisation(), organisation()
    people = [member_of(seller).user_id, member_of(buyer, "editor").user_id]
    member_of(buyer, "analyst")
    need, _technology = pair(
        buyer, seller,
        need={"specifications": [spec()], "title_en": "Fluorinated ester electrolyte -40 degC"},
        technology={"specifications": [spec(value="84")]},
    )  # fmt: skip
    run_jobs()
    assert Match.objects.get().level == Level.STRONG
    told = Notification.objects.filter(kind="match.found")
    assert sorted(told.values_list("recipient_id", flat=True)) == sorted(people)
    changed(need, trl=2)
    run_jobs()
    assert told.count() == 2


def test_finding_matches_is_an_event_of_the_owner_without_figures(run_jobs):
    need, technology = pair(organisation(), organisation())
    run_jobs()
    event = Event.objects.get(kind="match.found")
    assert event.organisation_ids in ([need.owner_id], [technology.owner_id])
    assert event.data == {"model": current().version}


def test_pair_with_a_confidential_listing_leaves_no_event_with_the_other_side(run_jobs):
    need, technology = pair(
        organisation(), organisation(), technology={"visibility": "confidential"}
    )
    run_jobs()
    assert Match.objects.exists()
    found = Event.objects.filter(kind="match.found")
    assert [event.object_id for event in found] in ([], [technology.public_id])
    assert need.public_id not in {event.object_id for event in found}


# --- Meaning -------------------------------------------------------------------------------------


def test_meaning_finds_pairs_across_languages(run_jobs, use_encoder):
    use_encoder(Topics())
    need, technology = pair(
        organisation(), organisation(),
        need={"title_en": "", "summary_en": "", "title_zh": "零下四十度用电解液",
              "summary_zh": "现有电解液低温下容量不足。"},
    )  # fmt: skip
    run_jobs()
    match = Match.objects.get(need=need, technology=technology)
    assert match.features["across"] is True
    assert match.features["meaning"] > 0.8
    assert MatchRun.objects.get(pk=need.pk).encoder == Topics.name


class Broken(Topics):
    def passages(self, texts):
        raise OSError("no model here")


def test_words_match_while_the_encoder_fails_and_the_pair_is_redone(run_jobs, use_encoder):
    use_encoder(Broken())
    need, _technology = pair(organisation(), organisation())
    run_jobs(check=False)
    assert "meaning" in Match.objects.get().features["unsaid"]
    assert MatchRun.objects.get(pk=need.pk).encoder == ""
    use_encoder(Topics())
    run_jobs(check=False, delayed=True)
    assert "meaning" not in Match.objects.get().features["unsaid"]
    assert MatchRun.objects.get(pk=need.pk).encoder == Topics.name


def test_meanings_that_never_came_are_asked_for_again(run_jobs, use_encoder):
    pair(organisation(), organisation())
    run_jobs()
    use_encoder(Topics())
    assert complete_runs() == 0  # too early
    MatchRun.objects.update(matched_at=timezone.now() - timezone.timedelta(hours=1))
    assert complete_runs() == 2
    run_jobs()
    assert set(MatchRun.objects.values_list("encoder", flat=True)) == {Topics.name}
    assert not SearchEntry.objects.filter(meaning_public__isnull=True).exists()
    assert complete_runs() == 0


# --- Odd texts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"body_en": ""},
        {"body_en": "electrolyte " * 1600},
        {"body_en": "x" * 19_000},
        {"body_zh": "电解液" * 6_000},
        {"title_en": "", "summary_en": "", "body_en": "", "title_zh": "电解液", "summary_zh": "是"},
        {"title_en": "Déjà vu ’quoted’ back\\slash & 'electrolyte'"},
    ],
    ids=["empty", "one word", "one long word", "long Chinese", "title only", "quotes"],
)
def test_odd_text_is_matched_like_any_other(run_jobs, values):
    need, _technology = pair(organisation(), organisation(), technology=values)
    run_jobs()
    assert MatchRun.objects.count() == 2
    assert Match.objects.filter(need=need).count() <= 1


def test_specifications_that_do_not_convert_leave_the_pair_alone(run_jobs):
    pair(
        organisation(), organisation(),
        need={"specifications": [spec(RETENTION, unit="MPa")]},
        technology={"specifications": [spec(value="84")]},
    )  # fmt: skip
    run_jobs()
    assert Match.objects.get().features["specifications_met"] == 0


# --- Words of the market -------------------------------------------------------------------------


def test_words_are_counted_again_when_the_market_has_grown(run_jobs):
    pair(organisation(), organisation())
    run_jobs()
    first = Rarity.objects.get()
    assert first.texts == 2
    for _number in range(3):
        published(organisation())
    run_jobs()
    assert Rarity.objects.get().texts == 5


def test_job_for_a_listing_that_is_gone_does_nothing():
    assert match_listing(listing_id=10**9) is None


def test_waiting_job_is_one_a_listing(run_jobs):
    need, _technology = pair(organisation(), organisation())
    run_jobs()
    lifecycle.changed([need.pk])
    lifecycle.changed([need.pk])
    assert Job.objects.filter(kind="listings.index_listing", state="waiting").count() == 1


def test_one_organisation_may_have_its_matches_without_the_matcher():
    need, technology = pair(organisation(), organisation())
    assert match_of(need, technology).level == Level.STRONG


def test_words_are_asked_for_though_a_large_market_was_never_counted(monkeypatch):
    """An import fills a market before the hourly count has been there."""
    pair(organisation(), organisation())
    indexing.index_many(list(Listing.objects.values_list("pk", flat=True)), meanings=False)
    monkeypatch.setattr(rarity, "SMALL", 0)
    assert not Rarity.objects.exists()
    assert rarity.rarities({"electrolyt"}).texts == 2
