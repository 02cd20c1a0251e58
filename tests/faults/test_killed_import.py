"""A worker is killed again and again while it brings a file in; every row is there exactly once."""

import csv
import io
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Count, F
from django.utils import timezone

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

ROWS = 2_600
WRONG = set(range(0, ROWS, 100))  # refused by their field
TWICE = [7, 1_207]  # told once more at the end
KILLS = 5
MAPPING = {
    "external_id": "编号", "fields": {"title_zh": "名称", "summary_zh": "摘要", "field": "领域"},
    "constants": {"trl": "6"},
}  # fmt: skip


def table() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["编号", "名称", "摘要", "领域"])
    for number in [*range(ROWS), *TWICE]:
        field = "炼金术" if number in WRONG else "新材料"
        writer.writerow([f"K{number}", f"耐盐膜{number}", "海水中运行一年仍保持九成通量。", field])
    return out.getvalue().encode()


def time_passes() -> None:
    """Leases of dead workers run out at once, and what waits for another try is due."""
    from marketplace.core.models import Job

    now = timezone.now()
    Job.objects.filter(state="running").update(lease_until=now)
    Job.objects.filter(state="waiting", run_after__gt=now).exclude(key="clock").update(
        run_after=now
    )


def test_every_row_is_there_once_after_the_worker_was_killed_in_the_middle(
    cast, worker, wait_until
):
    from events.models import Event, Notification
    from listings import event_kinds, notices
    from listings.actions import imports
    from listings.models import ImportedId, ImportRun, Listing, ListingVersion, SearchEntry
    from listings.sources import qualified
    from marketplace.core.models import Job

    type(cast.home).objects.filter(pk=cast.home.pk).update(is_trusted=True)
    run = imports.start_import(
        actor=cast.owner.fresh(), owner_id=cast.home.pk, kind="technology", source="register",
        upload=SimpleUploadedFile("rows.csv", table()), mapping=MAPPING, proceed="run",
    )  # fmt: skip
    kills, where = 0, []

    def step() -> tuple[str, int]:
        return ImportRun.objects.values_list("state", "seen").get(pk=run.pk)

    def kill() -> None:
        nonlocal kills
        worker.kill()
        kills += 1
        time_passes()
        worker.start()

    try:
        wait_until(lambda: Job.objects.filter(state="running", kind="listings.read_import"), 60)
        kill()  # while the file is read, or just after it
        while kills < KILLS:
            before = step()
            wait_until(lambda: step() != before, 60, lambda: f"{before}, {kills} kills")  # noqa: B023
            if step()[0] == "done":
                break
            time.sleep(0.1 * kills)  # at another point of the next batch each time
            kill()
            where.append(step()[1])
        print(f"killed with {where} rows stored")  # noqa: T201 (read by a person with -s)
        wait_until(lambda: step()[0] == "done", 120, lambda: str(step()))
        run.refresh_from_db()
        refused = len(WRONG) + len(TWICE)
        assert kills >= 3, "it was killed in the middle"
        # the report is right: each row was counted once, each refused one has its reason
        assert (run.seen, run.total) == (ROWS + len(TWICE),) * 2
        assert (run.created, run.changed, run.same, run.refused) == (
            ROWS - len(WRONG),
            0,
            0,
            refused,
        )
        faults = list(run.faults.order_by("line").values_list("line", "external_id"))
        assert faults == [
            *((number + 2, f"K{number}") for number in sorted(WRONG)),
            *((ROWS + 2 + place, f"K{number}") for place, number in enumerate(TWICE)),
        ]
        # every row is there, exactly once, in one version, and can be found
        mine = Listing.objects.filter(source=qualified(cast.home, "register"))
        assert set(mine.values_list("external_id", flat=True)) == {
            f"K{number}" for number in range(ROWS) if number not in WRONG
        }
        assert mine.count() == Listing.objects.count() == ROWS - len(WRONG)
        assert ListingVersion.objects.count() == mine.count()
        assert not mine.annotate(n=Count("versions")).exclude(n=1).exists()
        entries = SearchEntry.objects.filter(listing_version=F("listing__version"))
        assert entries.count() == SearchEntry.objects.count() == mine.count()
        # what was told was told once
        stored = Event.objects.filter(kind=event_kinds.IMPORTED).values_list("data", flat=True)
        assert sum(data["created"] for data in stored) == mine.count()
        assert Event.objects.filter(kind=event_kinds.IMPORT_FINISHED).count() == 1
        assert Notification.objects.filter(kind=notices.IMPORT_DONE).count() == 1
        assert not ImportedId.objects.exists()
        assert not Job.objects.filter(state="failed").exists()
        # no file lies about that no import knows
        assert set(stored_names(run)) <= {run.file.name, run.rows.name}
    finally:
        worker.stop()
        for name in stored_names(run):
            run.rows.storage.delete(name)


def stored_names(run) -> list[str]:
    """Files of this import in the storage."""
    storage, folder = run.rows.storage, f"imports/{run.created_at:%Y/%m}"
    names = storage.listdir(folder)[1] if storage.exists(folder) else []
    return [f"{folder}/{name}" for name in names if name.startswith(run.public_id)]
