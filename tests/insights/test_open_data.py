"""The register of a year as signed files: what the register shows, and nothing else."""

from __future__ import annotations

import gzip
import json
import zipfile
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from contracts import followers
from contracts.actions.endings import cancel, revoke
from contracts.certificates.keys import FaultyKey
from insights.models import OpenDataEdition
from insights.open_data import making
from marketplace.core.models import Job
from tests.contracts import factories

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cast import Cast

pytestmark = pytest.mark.django_db
PAGE = "/contracts/open-data/"


@pytest.fixture(autouse=True)
def _places(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SEAL_KEYS_DIR = str(tmp_path / "keys")


@pytest.fixture
def year() -> int:
    return timezone.localdate().year


def taken(cast: Cast, year: int, name: str) -> bytes:
    answer = cast.visitor.client.get(f"{PAGE}{year}/{name}")
    assert answer.status_code == 200, name
    return b"".join(answer.streaming_content)


def fetched(cast: Cast, year: int, folder: Path) -> Path:
    folder.mkdir()
    row = OpenDataEdition.objects.get(year=year)
    for name in making.names_of(row.manifest):
        (folder / name).write_bytes(taken(cast, year, name))
    (folder.parent / "key.pem").write_bytes(cast.visitor.client.get(f"{PAGE}key.pem").content)
    return folder


def entries(cast: Cast, year: int) -> list[dict[str, Any]]:
    content = gzip.decompress(taken(cast, year, f"register-{year}.jsonl.gz")).decode()
    return [json.loads(line) for line in content.splitlines()]


def test_entries_are_what_the_register_shows_to_a_visitor(cast: Cast, year: int) -> None:
    shy = factories.registered(cast, public_facts=[], title_en="Secret of the kiln")
    open_one = factories.registered(cast, public_facts=["title", "parties", "amount"])
    factories.drafted(cast, title_en="Draft of the kiln")
    making.make_open_data(year)
    found = entries(cast, year)
    assert [row["number"] for row in found] == sorted([shy.number, open_one.number])
    for row in found:
        assert row == cast.visitor.api.get(f"/api/v1/register/{row['number']}/").json()
    assert "kiln" not in json.dumps(found)


def test_the_same_register_gives_the_same_edition(cast: Cast, year: int) -> None:
    factories.registered(cast)
    first = making.make_open_data(year)
    again = making.make_open_data(year)
    assert first is not None
    assert again is not None
    assert (again.edition, again.folder) == (first.edition, first.folder)


def test_what_is_closed_is_given_out_no_longer(cast: Cast, year: int) -> None:
    contract = factories.registered(cast, public_facts=["title"], title_en="Quiet fan")
    old = making.make_open_data(year)
    assert old is not None
    assert entries(cast, year)[0]["title_en"] == "Quiet fan"
    factories.amended(cast, contract, public_facts=[])
    new = making.make_open_data(year)
    assert new is not None
    assert new.edition == 2
    assert entries(cast, year)[0]["title_en"] == ""
    for name in making.names_of(old.manifest):
        assert not default_storage.exists(f"{old.folder}/{name}")


def test_files_are_verified_and_every_change_is_found(
    cast: Cast, year: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.registered(cast)
    call_command("make_open_data", str(year))
    folder = fetched(cast, year, tmp_path / "taken")
    key = str(tmp_path / "key.pem")
    call_command("verify_open_data", str(folder), key=key)
    assert f"GENUINE: {year}, edition 1" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        for path in folder.iterdir():
            packed.write(path, f"open-data/{path.name}")
    call_command("verify_open_data", str(tmp_path / "all.zip"), key=key)
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        path.write_bytes(b"x" + content[1:] if path.suffix != ".sig" else b"AAAA" + content[4:])
        with pytest.raises(CommandError, match="NOT GENUINE"):
            call_command("verify_open_data", str(folder), key=key)
        path.unlink()
        with pytest.raises(CommandError, match="NOT GENUINE"):
            call_command("verify_open_data", str(folder), key=key)
        path.write_bytes(content)
    call_command("verify_open_data", str(folder), key=key)


def test_a_lost_key_is_not_replaced_in_silence(cast: Cast, year: int, settings: Any) -> None:
    factories.registered(cast)
    making.make_open_data(year)
    settings.SEAL_KEYS_DIR += "-elsewhere"
    factories.registered(cast)
    with pytest.raises(FaultyKey):
        making.make_open_data(year)
    assert OpenDataEdition.objects.get(year=year).edition == 1


def test_what_parties_close_is_gone_as_soon_as_it_is_decided(
    cast: Cast, year: int, run_jobs: Any
) -> None:
    contract = factories.registered(cast, public_facts=["title"], title_en="Quiet fan")
    run_jobs()
    assert not OpenDataEdition.objects.exists(), "a year that is not given out is not begun"
    making.make_open_data(year)
    amendment = factories.amended(cast, contract, public_facts=[])
    assert Job.objects.filter(kind=making.RENEW_JOB, key=str(year), state="waiting").count() == 1
    run_jobs()
    assert entries(cast, year)[0]["title_en"] == ""
    cancel(actor=cast.colleague.actor, contract_id=amendment.pk, words="Rescinded.")
    run_jobs()
    assert entries(cast, year)[0]["state"] == "registered", "renewals of a year keep their distance"
    other = factories.registered(cast)
    revoke(actor=cast.registrar.actor, contract_id=other.pk, words="Fraud.")
    waiting = Job.objects.filter(kind=making.RENEW_JOB, state="waiting")
    assert waiting.count() == 1, "what ends meanwhile is one renewal"
    waiting.update(run_after=F("run_after") - followers.PAUSE)
    run_jobs()
    assert [row["state"] for row in entries(cast, year)] == ["cancelled", "revoked"]


def test_a_year_that_another_worker_is_making_is_looked_at_again(
    cast: Cast, year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.registered(cast)
    monkeypatch.setattr(making, "alone", lambda name: nullcontext(False))
    making.renew(year)
    [waiting] = Job.objects.filter(kind=making.RENEW_JOB)
    assert waiting.run_after > timezone.now()


def test_what_cannot_be_signed_anew_is_withdrawn(cast: Cast, year: int, settings: Any) -> None:
    contract = factories.registered(cast, public_facts=["title"], title_en="Quiet fan")
    old = making.make_open_data(year)
    assert old is not None
    keys = settings.SEAL_KEYS_DIR
    settings.SEAL_KEYS_DIR += "-elsewhere"
    making.make_open_data(year)  # nothing differs, so nothing is to be signed
    assert taken(cast, year, "manifest.json")
    factories.amended(cast, contract, public_facts=[])
    with pytest.raises(FaultyKey):
        making.renew(year)
    for name in making.names_of(old.manifest):
        assert not default_storage.exists(f"{old.folder}/{name}")
        assert cast.visitor.client.get(f"{PAGE}{year}/{name}").status_code == 404
    assert cast.visitor.api.get("/api/v1/open-data/").json() == []
    assert cast.visitor.client.get(PAGE).status_code == 200
    with pytest.raises(FaultyKey):
        making.renew(year)
    settings.SEAL_KEYS_DIR = keys
    making.renew(year)
    assert OpenDataEdition.objects.get().edition == 2
    assert entries(cast, year)[0]["title_en"] == ""


def test_a_file_that_is_gone_from_the_store_is_made_anew(cast: Cast, year: int) -> None:
    factories.registered(cast)
    first = making.make_open_data(year)
    assert first is not None
    default_storage.delete(f"{first.folder}/manifest.json.sig")
    again = making.make_open_data(year)
    assert again is not None
    assert again.edition == 2
    assert taken(cast, year, "manifest.json.sig")


def test_the_clock_asks_for_last_year_once_and_again_after_a_week(year: int) -> None:
    assert making.ask_due() == [year - 1]
    making.make_open_data(year - 1)
    assert making.ask_due() == []
    OpenDataEdition.objects.update(looked_at=timezone.now() - making.LOOK_AGAIN)
    assert making.ask_due() == [year - 1]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_without_and_with_years(cast: Cast, year: int, language: str) -> None:
    client = cast.visitor.client
    client.cookies["language"] = language
    assert client.get(PAGE).status_code == 200
    assert client.get(f"{PAGE}key.pem").status_code == 404
    making.make_open_data(year)
    text = client.get(PAGE).content.decode()
    row = OpenDataEdition.objects.get()
    assert row.manifest["files"][f"figures-{year}.csv"]["sha256"] in text
    [told] = cast.visitor.api.get("/api/v1/open-data/").json()
    assert (told["year"], told["edition"], len(told["files"])) == (year, 1, 4)
    for name in ("..", "other.csv", "manifest.json.bak"):
        assert client.get(f"{PAGE}{year}/{name}").status_code == 404


def test_figures_are_the_public_ones(cast: Cast, year: int) -> None:
    factories.registered(cast)
    making.make_open_data(year)
    content = taken(cast, year, f"figures-{year}.csv").decode()
    assert content.startswith("table,year,key,name")
    assert f"types,{year},total" in content
