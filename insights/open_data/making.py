"""Make the open data of a year. By the clock and by command; made twice it is the same."""

import contextlib
import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from contracts.certificates.keys import FaultyKey, make_key_file, private_key
from contracts.certificates.seal import key_id, public_pem
from insights.models import OpenDataEdition
from insights.open_data import manifest as manifests
from insights.open_data.writing import write_entries, write_figures
from marketplace.core.gates import alone
from marketplace.core.jobs import enqueue
from marketplace.core.public_id import new_public_id

JOB = "insights.make_open_data"
RENEW_JOB = "insights.renew_open_data"
LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)
BUSY = 60  # seconds until a year that another worker is making is looked at again
# One key for the whole market, in the folder of the points' keys: a year holds the contracts of all
# points, and whoever checks it should need one key. No region has this code.
KEY_CODE = "000000"
LOOK_AGAIN = dt.timedelta(days=7)
NUMBERING = (
    "Sixteen digits: year 4, region 6, serial 6; unique and without gaps for each registration "
    "point and year, given at registration."
)


def make_open_data(year: int) -> OpenDataEdition | None:
    """Compare a year with the register and give out a new edition if anything differs, or a file
    is gone. Returns what is given out now; None while another worker is at it.

    Raises FaultyKey when it cannot be signed. What was given out before is then withdrawn: of a
    year that is over, what differs is what somebody closed or ended.
    """
    with alone(f"open-data-{year}") as is_alone:
        if not is_alone:
            return None
        with tempfile.TemporaryDirectory(prefix="open-data-") as place:
            return _make(year, Path(place))


def renew(year: int) -> None:
    """Make a year anew if it is, or was, given out. Raises FaultyKey as make_open_data."""
    with alone(f"open-data-{year}") as is_alone:
        if is_alone:
            if OpenDataEdition.objects.filter(year=year).exists():
                with tempfile.TemporaryDirectory() as place:
                    _make(year, Path(place))
            return
    # what is being written, be it the first edition, may have been read before the change
    enqueue(RENEW_JOB, {"year": year}, key=str(year), delay=BUSY)


def given_out() -> QuerySet[OpenDataEdition]:
    """Editions whose files are there to be taken, the newest year first."""
    return OpenDataEdition.objects.exclude(folder="")


def ask_due(now: dt.datetime | None = None) -> list[int]:
    """Ask for last year, if it is not there, and for years that were not compared for a week.
    Returns the years."""
    now = now or timezone.now()
    known = {
        # one that was withdrawn for want of its key comes back as soon as it can be signed
        year: looked if folder else LONG_AGO
        for year, looked, folder in OpenDataEdition.objects.values_list(
            "year", "looked_at", "folder"
        )
    }
    last = timezone.localdate(now).year - 1
    due = sorted(
        {year for year, looked in known.items() if looked <= now - LOOK_AGAIN}
        | ({last} if last not in known else set())
    )
    with transaction.atomic():
        for year in due:
            enqueue(JOB, {"year": year}, key=str(year))
    return due


def _make(year: int, place: Path) -> OpenDataEdition:
    now = timezone.now()
    entries, figures = f"register-{year}.jsonl.gz", f"figures-{year}.csv"
    counts = write_entries(place / entries, year)
    rows = write_figures(place / figures, year)
    files: dict[str, Any] = {
        name: {
            "bytes": (place / name).stat().st_size, "sha256": manifests.hash_of(place / name),
            "rows": number,
        }
        for name, number in ((entries, sum(counts.values())), (figures, rows))
    }  # fmt: skip
    old = OpenDataEdition.objects.filter(year=year).first()
    if old is not None and old.manifest["files"] == files and _is_whole(old):
        OpenDataEdition.objects.filter(pk=old.pk).update(looked_at=now)
        return old
    try:
        key = _signing_key()
    except FaultyKey:
        if old is not None:
            _withdraw(old)
        raise
    edition = old.edition + 1 if old else 1
    manifest = {
        "format": manifests.FORMAT, "year": year, "edition": edition,
        "made_at": now.isoformat(timespec="seconds"), "source": settings.PUBLIC_URL,
        "files": files, "entries": counts, "numbering": NUMBERING,
        "licence": settings.OPEN_DATA_LICENCE, "key": key_id(key.public_key()),
    }  # fmt: skip
    content = manifests.written(manifest)
    folder = f"open-data/{year}/{edition}-{new_public_id()}"
    try:
        for name in files:
            with (place / name).open("rb") as file:
                default_storage.save(f"{folder}/{name}", File(file))
        default_storage.save(f"{folder}/{manifests.NAME}", ContentFile(content))
        default_storage.save(
            f"{folder}/{manifests.SIGNATURE}", ContentFile(manifests.signed(content, key))
        )
        made, _created = OpenDataEdition.objects.update_or_create(
            year=year,
            defaults={
                "edition": edition, "folder": folder, "manifest": manifest, "made_at": now,
                "looked_at": now, "public_pem": public_pem(key.public_key()),
            },
        )  # fmt: skip
    except BaseException:
        _delete(folder, names_of(manifest))
        raise
    if old is not None and old.folder:
        _delete(old.folder, names_of(old.manifest))
    return made


def _signing_key() -> Ed25519PrivateKey:
    """The key of the market; it is made with the very first edition. Raises FaultyKey."""
    key = private_key(KEY_CODE)
    if key is None:
        if OpenDataEdition.objects.exists():
            raise FaultyKey(f"{KEY_CODE} has signed before, and its key file is not here")
        make_key_file(KEY_CODE)
        key = private_key(KEY_CODE)
        assert key is not None
    return key


def _is_whole(edition: OpenDataEdition) -> bool:
    """Whether all of its files are in the store."""
    return bool(edition.folder) and all(
        default_storage.exists(f"{edition.folder}/{name}") for name in names_of(edition.manifest)
    )


def _withdraw(edition: OpenDataEdition) -> None:
    """Give it out no longer. The row stays: editions go on counting."""
    folder = edition.folder
    OpenDataEdition.objects.filter(pk=edition.pk).update(folder="")
    if folder:
        _delete(folder, names_of(edition.manifest))


def names_of(manifest: dict[str, Any]) -> list[str]:
    """All files of an edition."""
    return [*manifest["files"], manifests.NAME, manifests.SIGNATURE]


def _delete(folder: str, names: list[str]) -> None:
    for name in names:
        with contextlib.suppress(OSError):
            default_storage.delete(f"{folder}/{name}")
