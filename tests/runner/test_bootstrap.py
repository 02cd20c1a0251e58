"""The virtual environment: made once, mended when half-made, refused in a sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.runner import bootstrap


@pytest.fixture
def pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A product that needs no package at all, so that installing takes a moment."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text(f"# {name}\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    return tmp_path


def test_it_is_made_once_and_mended_when_half_made(
    pins: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    venv = pins / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("cut off")
    python = bootstrap.prepare(venv, dev=True)
    assert "incomplete" in capfd.readouterr().err
    subprocess.run([python, "-c", "import pip"], check=True)

    assert bootstrap.prepare(venv, dev=True) == python
    assert bootstrap.prepare(venv, dev=False) == python  # what runs is part of what tests
    assert capfd.readouterr().err == ""

    (pins / "requirements.txt").write_text("# newer\n")
    bootstrap.prepare(venv, dev=False)
    assert "Installing" in capfd.readouterr().err


def refusal(venv: Path, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stopped:
        bootstrap.prepare(venv, dev=False)
    assert stopped.value.code == 1
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_another_python_is_refused(
    pins: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "WANTED", (3, 99))
    said = refusal(pins / "venv", capsys)
    assert said.startswith("Yizhan needs Python 3.11; ")
    assert sys.executable in said


def test_a_folder_of_somebody_else_is_not_touched(
    pins: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pins / "venv").mkdir()
    (pins / "venv" / "letter.txt").write_text("mine")
    assert "is not a virtual environment" in refusal(pins / "venv", capsys)
    assert (pins / "venv" / "letter.txt").exists()


def test_an_unwritable_place_is_refused(pins: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(Path("/proc/yizhan/venv"), capsys).startswith("Cannot write")


def test_a_failed_installation_is_told_with_its_reason(
    pins: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (pins / "requirements.txt").write_text("no-such-package==1.0\n")  # without a hash
    said = refusal(pins / "venv", capfd)
    assert said.startswith("The packages could not be installed: ERROR")
    assert "install.log" in said
