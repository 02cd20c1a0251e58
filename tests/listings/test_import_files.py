"""Imports beside each other and afterwards: what is stored, whose turn it is, in whose language."""

import datetime as dt
import io
import json
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import psycopg
import pytest
from django.db import connection
from django.utils.html import escape
from django.utils.translation import override

from events.models import Event, Notification
from listings import event_kinds, news, notices
from listings.actions import import_files, import_reading, import_turns, imports
from listings.imports import taking_out
from listings.imports.refusals import run_reason
from listings.imports.report import write_report
from listings.models import ImportRun, Listing
from marketplace.core import jobs
from marketplace.core.errors import Conflict
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


# --- what is stored -------------------------------------------------------------------------------


@pytest.fixture
def at_once(monkeypatch):
    """Files go when their transaction would be committed."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda work: work())


def stored():
    """Names in the storage."""
    folder = Path(ImportRun._meta.get_field("file").storage.location) / "imports"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_goes_when_nothing_needs_it(cast, trusted, run_jobs, at_once):
    run = started(cast, HEAD + row(1) + row(2))
    assert stored() == [f"{run.public_id}.csv"]
    run_jobs()
    run.refresh_from_db()
    # once it is read, the rows are all that is needed
    assert stored() == [Path(run.rows.name).name] and not run.file
    assert run.expires_at is not None
    imports.cancel_import(actor=cast.owner.actor, run_id=run.pk)
    run.refresh_from_db()
    assert (stored(), run.expires_at) == ([], None)
    # of an import without a refused row nothing is left, of one with some its rows for the report
    good = started(cast, HEAD + row(1), mapping=MAPPING, proceed="run")
    bad = started(cast, HEAD + row(2, field="炼金术"), mapping=MAPPING, proceed="check")
    run_jobs()
    good.refresh_from_db()
    bad.refresh_from_db()
    assert stored() == [Path(bad.rows.name).name]
    assert (good.state, good.rows_size, bad.state) == ("done", 0, "checked")
    imports.run_import(actor=cast.owner.actor, run_id=bad.pk)
    run_jobs()
    bad.refresh_from_db()
    assert (bad.state, stored()) == ("done", [Path(bad.rows.name).name])
    assert import_files.forget_imports(bad.expires_at) == 1
    bad.refresh_from_db()
    assert (stored(), bad.refused, bad.faults.count(), bad.rows_size) == ([], 1, 0, 0)


def test_what_nobody_imported_is_given_up_at_the_stated_time(cast, run_jobs, at_once, settings):
    settings.IMPORT_WAIT_DAYS = 3
    run = started(cast, HEAD + row(1))
    run_jobs()
    run.refresh_from_db()
    assert 2.9 < (run.expires_at - run.created_at).total_seconds() / 86_400 < 3.1
    assert import_files.forget_imports(run.expires_at - dt.timedelta(minutes=1)) == 0
    assert import_files.forget_imports(run.expires_at) == 1
    run.refresh_from_db()
    assert (run.state, run.reason_code, stored()) == ("cancelled", "expired", [])
    assert "3 days" in run_reason(run.reason_code, run.reason_about)
    assert run.columns[0] == {"name": "编号", "samples": []}


def test_work_that_stands_still_without_a_job_is_given_up(cast, run_jobs, at_once):
    run = started(cast, HEAD + row(1))
    later = run.created_at + dt.timedelta(days=2)
    assert import_files.forget_imports(later) == 0, "its job waits still"
    Job.objects.all().delete()
    assert import_files.forget_imports(later) == 1
    run.refresh_from_db()
    assert (run.state, run.reason_code, stored()) == ("failed", "stuck", [])


def test_files_that_wait_are_counted_and_bounded(cast, run_jobs, at_once, settings):
    settings.IMPORT_WAITING_FILES = 2
    first = started(cast, HEAD + row(1))
    started(cast, HEAD + row(2))
    run_jobs()
    with pytest.raises(Conflict, match="2 files of this organisation wait"):
        started(cast, HEAD + row(3))
    imports.cancel_import(actor=cast.owner.actor, run_id=first.pk)
    started(cast, HEAD + row(3))
    # another organisation has its own
    imports.start_import(
        actor=cast.outsider.fresh(), owner_id=cast.outside.pk, kind="technology", source="x",
        upload=upload(HEAD + row(1)),
    )  # fmt: skip


def test_bytes_are_bounded_and_old_reports_give_way(cast, trusted, run_jobs, at_once, settings):
    ended = started(cast, HEAD + row(1, field="炼金术"), mapping=MAPPING, proceed="run")
    run_jobs()
    ended.refresh_from_db()
    assert ended.rows and ended.rows_size
    waiting = started(cast, HEAD + row(2))
    run_jobs()
    waiting.refresh_from_db()
    size = len((HEAD + row(3)).encode())
    settings.IMPORT_STORED_BYTES = waiting.rows_size + size + 1
    new = started(cast, HEAD + row(3))
    ended.refresh_from_db()
    assert not ended.rows, "its report made room"
    assert len(stored()) == 2
    with pytest.raises(Conflict, match="Import or cancel"):
        started(cast, HEAD + row(4))
    # what is read takes room by the same rule: a report gives way to it
    settings.IMPORT_STORED_BYTES = 10_000_000
    other = started(cast, HEAD + row(4, field="炼金术"), mapping=MAPPING, proceed="run")
    late = started(cast, HEAD + row(5))
    import_reading.read_import(other.public_id)
    import_turns.take_turn(other.public_id)
    other.refresh_from_db()
    assert other.state == "done" and other.rows
    settings.IMPORT_STORED_BYTES = waiting.rows_size + size + other.rows_size + 100
    import_reading.read_import(late.public_id)
    late.refresh_from_db()
    other.refresh_from_db()
    assert late.state == "read" and not other.rows, "its report made room"
    imports.cancel_import(actor=cast.owner.actor, run_id=late.pk)
    settings.IMPORT_STORED_BYTES = waiting.rows_size + size + 1
    # rows that are larger than their file are seen when they are read
    run_jobs()
    new.refresh_from_db()
    assert (new.state, new.reason_code) == ("failed", "import_space")
    assert stored() == [Path(waiting.rows.name).name]


def test_a_cancel_ends_the_reader_soon(cast, at_once, monkeypatch, tmp_path):
    """The reader would take a minute; it is ended at the next look."""
    run = started(cast, HEAD + row(1))
    seen = []
    program = tmp_path / "slow.py"
    program.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(taking_out, "PROGRAM", (sys.executable, str(program)))
    monkeypatch.setattr(taking_out, "LOOK", 0.1)
    true_popen = subprocess.Popen

    def watched(*given, **more):
        seen.append(true_popen(*given, **more))
        imports.cancel_import(actor=cast.owner.actor, run_id=run.pk)
        return seen[0]

    monkeypatch.setattr(taking_out.subprocess, "Popen", watched)
    began = time.monotonic()
    import_reading.read_import(run.public_id)
    assert time.monotonic() - began < 10
    assert seen[0].returncode == -signal.SIGKILL
    run.refresh_from_db()
    assert (run.state, stored()) == ("cancelled", [])


def test_rows_that_a_killed_reader_left_are_deleted(cast, run_jobs, at_once, monkeypatch):
    run = started(cast, HEAD + row(1))

    def die(*_given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(import_reading, "_is_read", die)
        import_reading.read_import(run.public_id)
    assert len(stored()) == 2, "stored, and not yet told"
    run_jobs()
    run.refresh_from_db()
    assert (run.state, stored()) == ("read", [Path(run.rows.name).name])


# --- whose turn it is -----------------------------------------------------------------------------


def test_turns_go_round_among_organisations_and_their_files(cast, monkeypatch):
    """Three files of one organisation do not stand before the single one of another."""
    monkeypatch.setattr(import_turns, "BATCH", 1)
    monkeypatch.setattr(import_turns, "TURN", 0)
    for organisation in (cast.home, cast.outside):
        type(organisation).objects.filter(pk=organisation.pk).update(is_trusted=True)
    many = HEAD + "".join(map(row, range(1, 5)))
    for _file in range(3):
        started(cast, many, mapping=MAPPING, proceed="check")
    imports.start_import(
        actor=cast.outsider.fresh(), owner_id=cast.outside.pk, kind="technology", source="x",
        upload=upload(many), mapping=MAPPING, proceed="check",
    )  # fmt: skip
    served = []
    take, read = import_turns.take_turn, import_reading.read_import

    def noted(kind, work):
        def serve(public_id, **more):
            run = ImportRun.objects.get(public_id=public_id)
            served.append((kind, run.owner_id == cast.home.pk, run.pk))
            work(public_id, seconds=0) if kind == "turn" else work(public_id)

        return serve

    monkeypatch.setattr(import_turns, "take_turn", noted("turn", take))
    monkeypatch.setattr(import_reading, "read_import", noted("read", read))
    while jobs.drain("long", limit=1):
        pass
    assert [home for _kind, home, _pk in served] == [True, False, True, True]
    served.clear()
    while jobs.drain("imports", limit=1):
        assert Job.objects.filter(queue="imports", state="waiting").count() <= 2
    # as long as both have something to do, they take turns
    theirs = [place for place, (_kind, home, _pk) in enumerate(served) if not home]
    assert theirs == [1, 3, 5, 7, 9] or theirs == [0, 2, 4, 6, 8]
    # and the three files of the one go on together
    assert len({pk for _kind, home, pk in served[:6] if home}) == 3
    assert set(ImportRun.objects.values_list("state", flat=True)) == {"checked"}


def test_files_are_in_nobody_elses_queue():
    queues = {name: kind.queue for name, kind in jobs.KINDS.items()}
    assert [name for name, queue in queues.items() if queue == "imports"] == [
        "listings.import_turn"
    ]
    assert import_turns.TURN <= 3
    # the backlog is what many rows leave behind: alerts and harvests do not wait there
    assert "backlog" not in queues.values()
    minutes = {name for name, queue in queues.items() if queue == "long"}
    assert minutes >= {
        "listings.read_import", "listings.write_export", "listings.harvest", news.CHECK,
    }  # fmt: skip


@pytest.mark.parametrize("step", ["read", "turn"])
def test_a_file_at_which_the_program_breaks_is_given_up_and_keeps_nobody_waiting(
    cast, trusted, run_jobs, monkeypatch, step
):
    bad = started(cast, HEAD + row(1), mapping=MAPPING, proceed="check")
    good = started(cast, HEAD + row(2), mapping=MAPPING, proceed="check")
    module, name = {
        "read": (import_reading, "take_out"), "turn": (import_turns, "lines_from"),
    }[step]  # fmt: skip
    true, served = getattr(module, name), []

    def breaks(run, *more):
        served.append(run.pk)
        if run.pk == bad.pk:
            raise ValueError("half a character")
        return true(run, *more)

    monkeypatch.setattr(module, name, breaks)
    for _round in range(6):
        run_jobs(delayed=True, check=False)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (good.state, good.tries) == ("checked", 0)
    assert (bad.state, bad.reason_code) == ("failed", "unexpected")
    assert served.count(bad.pk) == import_turns.MAX_TRIES and good.pk in served[:3]
    assert "broke at this file" in run_reason(bad.reason_code, bad.reason_about)
    assert Notification.objects.filter(kind=notices.IMPORT_FAILED).count() == 1
    assert Event.objects.filter(kind=event_kinds.IMPORT_FINISHED, object_id=bad.public_id).exists()
    # for the operator, with the error; and nothing goes on for ever
    assert Job.objects.filter(state="failed", error__contains="half a character").exists()
    assert not Job.objects.filter(kind__startswith="listings.", key=cast.home.public_id,
                                  state="waiting").exists()  # fmt: skip


def test_a_file_that_takes_its_worker_down_every_time_is_given_up(cast, trusted, run_jobs):
    run = started(cast, HEAD + row(1))
    ImportRun.objects.filter(pk=run.pk).update(tries=import_turns.MAX_TRIES)
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.reason_code) == ("failed", "unexpected")


def test_a_file_that_comes_further_with_every_try_is_not_given_up(
    cast, trusted, run_jobs, monkeypatch
):
    monkeypatch.setattr(import_turns, "BATCH", 2)
    run = started(
        cast, HEAD + "".join(row(n) for n in range(1, 11)), mapping=MAPPING, proceed="run"
    )
    stored = import_turns._Turn._batch
    tries = []

    def dies_after(turn, *args):
        tries.append(ImportRun.objects.get(pk=run.pk).tries)
        stored(turn, *args)
        raise RuntimeError("the worker is gone")

    monkeypatch.setattr(import_turns._Turn, "_batch", dies_after)
    for _ in range(12):
        run_jobs(delayed=True, check=False)
    run.refresh_from_db()
    assert len(tries) >= 5 > import_turns.MAX_TRIES and set(tries) == {1}
    assert (run.state, run.seen) != ("failed", 0) and run.seen == 10


def test_half_a_character_in_a_cell_stops_nothing(cast, trusted, run_jobs):
    book = openpyxl.Workbook()
    book.active.append(["编号", "名称", "摘要", "领域", "成熟度", "价格"])
    book.active.append(["A1", "MARK", "不凝固", "新能源与高效节能", "6", "80万元"])
    held = io.BytesIO()
    book.save(held)
    out = io.BytesIO()
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(
                name, old.read(name).replace(b"MARK", "电池_xD83D__xDE00__xD800_".encode())
            )
    run = started(cast, "", upload=upload(out.getvalue(), "a.xlsx"), mapping=MAPPING,
                  proceed="run")  # fmt: skip
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.created) == ("done", 1), run.reason_code
    assert Listing.objects.get(external_id="A1").title_zh == "电池\U0001f600\ufffd"


def test_one_turn_at_a_time_of_an_organisation(cast, trusted, run_jobs):
    """A second worker that comes meanwhile leaves, and looks again later."""
    run = started(cast, HEAD + row(1), mapping=MAPPING, proceed="check")
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        name = f"listings.read_import.{cast.home.pk}"
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        run_jobs()
        run.refresh_from_db()
        assert run.state == "uploaded"
    run_jobs(delayed=True)
    run.refresh_from_db()
    assert run.state == "checked"


# --- in whose language ----------------------------------------------------------------------------


def test_reasons_are_in_the_language_of_who_reads_them(cast, trusted, run_jobs, tmp_path):
    lines = [
        {"id": "1", "t": "x" * 300, "f": "new_energy", "l": 5},
        {"id": "2", "t": "A pump", "f": "alchemy", "l": 5, "day": "2001-01-01"},
        {"id": "3", "t": "A pump by Lantern Works", "f": "new_energy", "l": 5, "a": True},
        {"id": "4", "f": "new_energy", "l": 5}, {"t": "no id"}, {"id": "4"},
        {"id": "5", "t": "A pump", "f": "new_energy", "l": 5, "spec": "fast"},
    ]  # fmt: skip
    text = "\n".join([*map(json.dumps, lines), "{no json"])
    fields = {"title_en": "t", "body_en": "t", "field": "f", "trl": "l", "valid_until": "day",
              "is_anonymous": "a", "specifications": "spec"}  # fmt: skip
    run = started(
        cast, text, upload=upload(text, "a.jsonl"),
        mapping={"external_id": "id", "fields": fields}, proceed="check",
    )  # fmt: skip
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.refused) == ("checked", 8)
    han = re.compile("[\u4e00-\u9fff]")
    for fault in run.faults.all():
        assert not han.search(fault.reason_en), fault.reason_en
        assert han.search(fault.reason_zh), fault.reason_zh
    for language, has_han in (("en", False), ("zh-hans", True)):
        with override(language):
            write_report(run, tmp_path / "report")
        reasons = [
            reason["reason"]
            for line in (tmp_path / "report").read_text().splitlines()
            for reason in json.loads(line)["_reasons"]
        ]
        assert reasons and all(bool(han.search(reason)) == has_han for reason in reasons)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_and_api_say_why_in_the_readers_language(cast, trusted, run_jobs, client, language):
    run = started(cast, HEAD + row(1, field="炼金术"), mapping=MAPPING, proceed="check")
    run_jobs()
    failed = started(cast, "1,2,3\n4,5,6\n")
    run_jobs()
    failed.refresh_from_db()
    assert failed.state == "failed"
    sentence = {"en": "does not look like column names", "zh-hans": "列名"}[language]
    head = {"Accept-Language": language}
    client.force_login(cast.owner.user)
    client.cookies["language"] = language
    assert sentence in client.get(f"/my/imports/{failed.public_id}/").content.decode()
    fault = run.faults.get()
    said = fault.reason_zh if language == "zh-hans" else fault.reason_en
    assert escape(said) in client.get(f"/my/imports/{run.public_id}/").content.decode()
    client.logout()
    head["Authorization"] = f"Bearer {cast.owner.secret}"
    answer = client.get(f"/api/v1/imports/{failed.public_id}/", headers=head).json()
    assert sentence in answer["reason"] and answer["reason_code"] == "no_header"
    faults = client.get(f"/api/v1/imports/{run.public_id}/faults/", headers=head).json()
    assert faults[0]["reason"] == said


def test_a_word_for_a_figure_or_a_code_is_told_in_plain_words(cast, trusted, run_jobs):
    text = HEAD + row(1, field="炼金术") + row(2, level="第十二级") + row(3, price="很便宜")
    run = started(cast, text, mapping=MAPPING, proceed="check")
    run_jobs()
    said = [(fault.line, fault.reason_en, fault.reason_zh) for fault in run.faults.all()]
    assert [line for line, _en, _zh in said] == [2, 3, 4]
    assert "is not on the list of “Field”" in said[0][1] and "代码表" in said[0][2]
    assert "is not on the list of “TRL”" in said[1][1]
    assert "is no amount" in said[2][1] and "金额" in said[2][2]


def test_a_day_that_no_calendar_has_is_told_in_plain_words(cast, trusted, run_jobs):
    head = "编号,名称,摘要,领域,成熟度,到期\n"
    days = ["2027年2月30日", "下个月", "2027年2月28日"]
    text = head + "".join(
        f"{n},电解液{n},不凝固,新能源与高效节能,6,{day}\n" for n, day in enumerate(days)
    )
    fields = {name: column for name, column in MAPPING["fields"].items() if name != "price_min"}
    run = started(
        cast, text, mapping={"external_id": "编号", "fields": {**fields, "valid_until": "到期"}},
        proceed="check",
    )  # fmt: skip
    run_jobs()
    said = [(fault.column, fault.reason_en, fault.reason_zh) for fault in run.faults.all()]
    assert [column for column, _en, _zh in said] == ["到期", "到期"]
    assert said[0][1:] == (
        "There is no day “2027-02-30” in the calendar.", "日历上没有“2027-02-30”这一天。"
    )  # fmt: skip
    assert "is no day" in said[1][1] and "下个月" in said[1][2]


@pytest.mark.parametrize(("language", "field"), [("zh", "summary_zh"), ("en", "summary_en")])
def test_a_missing_summary_is_asked_for_in_the_language_of_the_title(
    cast, trusted, run_jobs, language, field
):
    lines = json.dumps({"id": "1", "t": "Pump", "f": "new_energy", "l": 5})
    run = started(
        cast, "", upload=upload(lines, "a.jsonl"), proceed="check",
        mapping={"external_id": "id",
                 "fields": {f"title_{language}": "t", "field": "f", "trl": "l"}},
    )  # fmt: skip
    run_jobs()
    assert run.faults.get().field == field
