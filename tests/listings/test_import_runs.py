"""Bringing a file in: read, named, checked, stored in turns; stopped, killed and repeated."""

import json

import pytest

from listings import run_states, states
from listings.actions import import_turns, imports
from listings.imports.taking_out import lines_from
from listings.models import ImportedId, ImportFault, ImportRun, ImportSource, Listing, Review
from listings.sources import qualified
from marketplace.core.errors import Conflict, DomainError, Invalid, NotFound, Refused
from marketplace.core.models import Job
from tests.listings.importing import HEAD, MAPPING, row, started, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def trusted(cast):
    cast.home.is_trusted = True
    cast.home.save()
    return cast.home


def test_a_file_is_read_checked_and_stored(cast, trusted, run_jobs):
    run = started(cast, HEAD + row(1) + row(2, field="炼金术") + row(3, level="9级"))
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.total, run.encoding) == ("read", 3, "utf-8-sig")
    assert run.columns[1] == {
        "name": "名称",
        "samples": ["低温电解液1", "低温电解液2", "低温电解液3"],
    }
    imports.check_import(actor=cast.owner.actor, run_id=run.pk, mapping=MAPPING)
    before = Listing.objects.count()
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.is_dry, run.created, run.refused) == ("checked", True, 2, 1)
    assert Listing.objects.count() == before
    fault = run.faults.get()
    assert (fault.line, fault.external_id, fault.column, fault.field) == (3, "A2", "领域", "field")
    assert "炼金术" in fault.reason
    imports.run_import(actor=cast.owner.actor, run_id=run.pk)
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.is_dry, run.created, run.refused) == ("done", False, 2, 1)
    made = Listing.objects.get(source=qualified(cast.home, "成果库"), external_id="A3")
    assert (made.state, made.trl, made.price_min, made.field) == (
        "published", 9, 800_000, "new_energy",
    )  # fmt: skip
    assert ImportSource.objects.get().mapping["external_id"] == "编号"
    assert not ImportedId.objects.exists()


def test_again_is_unchanged_changed_rows_change_and_missing_ones_are_withdrawn(
    cast, trusted, run_jobs
):
    options = {"mapping": MAPPING, "proceed": "run"}
    started(cast, HEAD + row(1) + row(2) + row(3), **options)
    run_jobs()
    again = started(cast, HEAD + row(1) + row(2) + row(3), **options)
    run_jobs()
    again.refresh_from_db()
    assert (again.state, again.created, again.changed, again.same) == ("done", 0, 0, 3)
    # a row that is wrong in the new file is not missing
    text = HEAD + row(1, title="新的") + row(2, field="炼金术")
    third = started(cast, text, **options, withdraw_missing=True)
    run_jobs()
    third.refresh_from_db()
    assert (third.changed, third.refused, third.withdrawn) == (1, 1, 1)
    by_id = {one.external_id: one for one in Listing.objects.filter(owner=cast.home)}
    assert by_id["A1"].title_zh == "新的1" and by_id["A1"].state == states.PUBLISHED
    assert by_id["A2"].state == states.PUBLISHED
    assert by_id["A3"].state == states.WITHDRAWN
    # it comes back with its source; what a person withdrew stays away
    from listings.actions.lifecycle import withdraw

    withdraw(actor=cast.owner.actor, listing_id=by_id["A2"].pk)
    fourth = started(cast, HEAD + row(1, title="新的") + row(2, title="改") + row(3), **options)
    run_jobs()
    fourth.refresh_from_db()
    assert (fourth.same, fourth.changed, fourth.refused) == (1, 1, 1)
    by_id = {one.external_id: one for one in Listing.objects.filter(owner=cast.home)}
    assert by_id["A3"].state == states.PUBLISHED
    assert by_id["A2"].state == states.WITHDRAWN
    assert "Reopen" in fourth.faults.get().reason


def test_another_file_by_mistake_withdraws_nothing(cast, trusted, run_jobs):
    started(cast, HEAD + row(1), mapping=MAPPING, proceed="run")
    run_jobs()
    wrong = started(cast, HEAD + row(7), mapping=MAPPING, proceed="run", withdraw_missing=True)
    run_jobs()
    wrong.refresh_from_db()
    assert (wrong.state, wrong.created, wrong.withdrawn) == ("done", 1, 0)
    assert wrong.reason_code == "none_known"


def test_what_people_added_by_hand_stays_when_the_row_changes(cast, trusted, run_jobs):
    from listings.models import ListingVersion, Specification

    started(cast, HEAD + row(1), mapping=MAPPING, proceed="run")
    run_jobs()
    made = Listing.objects.get(external_id="A1")
    Specification.objects.create(
        listing=made, metric_zh="循环寿命", comparator="ge", value=2000, base_value=2000
    )
    started(cast, HEAD + row(1, title="新的"), mapping=MAPPING, proceed="run")
    run_jobs()
    assert made.specifications.count() == 1
    version = ListingVersion.objects.filter(listing=made).first()
    assert [one["metric_zh"] for one in version.data["specifications"]] == ["循环寿命"]


def test_others_rows_go_to_review_and_drafts_stay_drafts(cast, run_jobs):
    run = started(cast, HEAD + row(1) + row(2, level=""), mapping=MAPPING, proceed="run")
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.created, run.refused) == ("done", 1, 1)
    assert Listing.objects.get().state == states.IN_REVIEW
    assert Review.objects.count() == 1
    # in review: changed in the file is refused with what to do, and the same is the same
    run = started(cast, HEAD + row(1, title="改"), mapping=MAPPING, proceed="run")
    run_jobs()
    run.refresh_from_db()
    assert run.refused == 1 and "review" in run.faults.get().reason
    run = started(cast, HEAD + row(5), mapping=MAPPING, proceed="run", submit=False)
    run_jobs()
    assert Listing.objects.get(external_id="A5").state == states.DRAFT


def test_many_rows_are_not_laid_on_the_moderators(cast, run_jobs, monkeypatch):
    monkeypatch.setattr(imports, "MAX_REVIEWED_ROWS", 1)
    run = started(cast, HEAD + row(1) + row(2), mapping=MAPPING, proceed="run")
    run_jobs()
    run.refresh_from_db()
    assert run.state == "failed" and run.reason_code == "too_many_to_review"
    assert not Listing.objects.exists()


def test_who_may_import(cast, run_jobs):
    def attempt(player, owner):
        return imports.start_import(
            actor=player.fresh(), owner_id=owner.pk, kind="technology", source="x",
            upload=upload(HEAD + row(1)),
        )  # fmt: skip

    assert attempt(cast.colleague, cast.home).owner == cast.home
    with pytest.raises(NotFound):
        attempt(cast.rival, cast.home)
    from accounts.models import Membership

    Membership.objects.filter(user=cast.colleague.user).update(roles=["analyst"])
    with pytest.raises(Refused):
        attempt(cast.colleague, cast.home)
    with pytest.raises(Conflict, match="not verified"):
        imports.start_import(
            actor=cast.claimant.fresh(), owner_id=cast.claim.pk, kind="technology", source="x",
            upload=upload(HEAD + row(1)), mapping=MAPPING, proceed="run",
        )  # fmt: skip


def test_rights_that_end_stop_the_import(cast, trusted, run_jobs):
    from accounts.models import Membership

    run = started(cast, HEAD + row(1), mapping=MAPPING, proceed="run")
    Membership.objects.filter(user=cast.owner.user).delete()
    run_jobs()
    run.refresh_from_db()
    assert run.state == "failed" and run.reason_code == "role_missing"
    assert not Listing.objects.exists()


def test_one_organisations_import_never_reaches_anothers_listings(cast, trusted, run_jobs):
    started(cast, HEAD + row(1), mapping=MAPPING, proceed="run")
    run_jobs()
    imports.start_import(
        actor=cast.outsider.actor, owner_id=cast.outside.pk, kind="technology", source="成果库",
        upload=upload(HEAD + row(1, title="别的")), mapping=MAPPING, proceed="run",
        withdraw_missing=True,
    )  # fmt: skip
    run_jobs()
    mine = Listing.objects.get(owner=cast.home)
    assert (mine.title_zh, mine.state) == ("低温电解液1", "published")
    assert Listing.objects.filter(owner=cast.outside).count() == 1


def test_turns_go_on_where_they_were_and_a_kill_doubles_nothing(
    cast, trusted, run_jobs, monkeypatch
):
    monkeypatch.setattr(import_turns, "BATCH", 2)
    run = started(cast, HEAD + "".join(map(row, range(1, 8))) + row(1))
    run_jobs()
    imports.check_import(actor=cast.owner.actor, run_id=run.pk, mapping=MAPPING)
    run_jobs()
    imports.run_import(actor=cast.owner.actor, run_id=run.pk)
    Job.objects.all().delete()  # turns by hand
    import_turns.take_turn(run.public_id, seconds=0)
    run.refresh_from_db()
    assert (run.seen, run.created, Listing.objects.count()) == (2, 2, 2)
    assert Job.objects.filter(kind="listings.import_turn", state="waiting").count() == 1

    # killed in the middle of a batch: its transaction is gone, the next turn does it again
    def die(*_args, **_more):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(ImportFault.objects, "bulk_create", die)
        with pytest.raises(RuntimeError):
            import_turns.take_turn(run.public_id, seconds=0)
    run.refresh_from_db()
    assert (run.seen, Listing.objects.count()) == (2, 2)
    # two workers at one run: the second sees that the first was there, and stops
    late = import_turns._Turn(
        ImportRun.objects.select_related("owner", "person").get(pk=run.pk), cast.owner.actor, 0
    )
    import_turns.take_turn(run.public_id, seconds=0)
    lines = [line for line, _end in lines_from(run, run.position)][:2]
    assert late._batch(lines, run.position, 10**9) is False
    import_turns.take_turn(run.public_id)
    run.refresh_from_db()
    assert (run.state, run.seen, run.created, run.refused) == ("done", 8, 7, 1)
    assert Listing.objects.count() == 7
    assert "twice" in run.faults.get().reason


def test_cancel_stops_between_batches_and_keeps_what_is_stored(
    cast, trusted, run_jobs, monkeypatch
):
    monkeypatch.setattr(import_turns, "BATCH", 2)
    run = started(cast, HEAD + "".join(map(row, range(1, 8))), mapping=MAPPING)
    run_jobs()
    imports.run_import(actor=cast.owner.actor, run_id=run.pk)
    import_turns.take_turn(run.public_id, seconds=0)
    imports.cancel_import(actor=cast.owner.actor, run_id=run.pk)
    run_jobs()
    run.refresh_from_db()
    assert (run.state, Listing.objects.count()) == (run_states.CANCELLED, 2)
    with pytest.raises(Conflict):
        imports.run_import(actor=cast.owner.actor, run_id=run.pk)


def test_one_source_is_imported_once_at_a_time(cast, trusted, run_jobs):
    first = started(cast, HEAD + row(1), mapping=MAPPING)
    second = started(cast, HEAD + row(2), mapping=MAPPING)
    run_jobs()
    imports.run_import(actor=cast.owner.actor, run_id=first.pk)
    with pytest.raises(Conflict, match="imported already"):
        imports.run_import(actor=cast.owner.actor, run_id=second.pk)
    run_jobs()
    imports.run_import(actor=cast.owner.actor, run_id=second.pk)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("source", {"source": ""}), ("source", {"source": "x" * 60}), ("kind", {"kind": "offer"}),
        ("file", {"upload": upload("a", "a.exe")}), ("file", {"upload": upload("", "a.csv")}),
        ("mapping", {"proceed": "run"}), ("mapping", {"mapping": {"fields": {}}}),
        ("mapping", {"mapping": {"external_id": "a", "fields": {"titel": "b"}}}),
        ("mapping", {"mapping": {"external_id": "a", "fields": {"title_en": 7}}}),
        ("mapping", {"mapping": ["a"]}),
    ],
)  # fmt: skip
def test_a_wrong_start_is_refused_by_field(cast, field, values):
    given = {"source": "x", "kind": "technology", "upload": upload(HEAD + row(1)), **values}
    with pytest.raises(Invalid) as refused:
        imports.start_import(actor=cast.owner.actor, owner_id=cast.home.pk, **given)
    assert list(refused.value.fields) == [field]
    assert not ImportRun.objects.exists()


def test_a_column_that_the_file_does_not_have_is_named(cast, run_jobs):
    run = started(cast, "id,title\n1,x\n")
    run_jobs()
    with pytest.raises(DomainError, match="no column"):
        imports.check_import(actor=cast.owner.actor, run_id=run.pk, mapping=MAPPING)


def test_anonymous_rows_that_name_their_owner_are_refused(cast, trusted, run_jobs):
    lines = [
        {"id": "1", "title_en": "A pump by Lantern Works", "body_en": "x", "field": "new_energy",
         "trl": 5, "is_anonymous": True},
        {"id": "2", "title_en": "A pump", "body_en": "x", "field": "new_energy", "trl": 5,
         "is_anonymous": "是", "co_owners": "甲方；乙方"},
    ]  # fmt: skip
    text = "\n".join(map(json.dumps, lines))
    fields = {name: name for name in lines[1] if name != "id"}
    run = started(
        cast, text, upload=upload(text, "a.jsonl"),
        mapping={"external_id": "id", "fields": fields}, proceed="run",
    )  # fmt: skip
    run_jobs()
    run.refresh_from_db()
    assert (run.created, run.refused) == (1, 1)
    assert "anonymous" in run.faults.get().reason
    made = Listing.objects.get()
    assert made.is_anonymous and [one.name for one in made.co_owners.all()] == ["甲方", "乙方"]
