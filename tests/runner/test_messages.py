"""Catalogues: what is found in sources, and what a check refuses."""

from pathlib import Path

import pytest

from marketplace.messages import catalogues, extraction, rooms


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A product with one room that says four things."""
    monkeypatch.setattr(rooms, "ROOT", tmp_path)
    (tmp_path / "deals").mkdir()
    (tmp_path / "deals" / "views.py").write_text(
        "# Translators: of a person\n"
        'A = _("Hello %(name)s "\n      "there")\n'
        'B = npgettext("desk", "{n} deal", "{n} deals", n)\n'
        "C = f\"{_('inside')}\"\n"
        'D = _(f"not {this}")\n'
    )
    (tmp_path / "templates" / "deals").mkdir(parents=True)
    (tmp_path / "templates" / "deals" / "a.html").write_text(
        "{% load i18n %}\n  {% translate 'Open' context 'verb' %} {{ _(\"It's\") }}\n"
        "{% blocktranslate trimmed count n=3 %}\n  <b>{{ n }}</b> case\n"
        "{% plural %}\n  <b>{{ n }}</b> cases\n{% endblocktranslate %}"
    )
    return tmp_path


def texts(room: str) -> set[tuple[str, str]]:
    catalogue = extraction.extract_room(room)
    return {
        (entry.context or "", entry.id if isinstance(entry.id, str) else entry.id[1])
        for entry in catalogues.entries(catalogue)
    }


def test_texts_of_python_and_templates_are_found(tree: Path) -> None:
    assert texts("deals") == {
        ("", "Hello %(name)s there"),
        ("desk", "{n} deals"),
        ("", "inside"),
        ("verb", "Open"),
        ("", "It's"),
        ("", "<b>%(n)s</b> cases"),
    }
    assert texts("listings") == set()


def translate(path: Path, source: str, text: str) -> None:
    lines = path.read_text().splitlines(keepends=True)
    for number, line in enumerate(lines):
        if source in line:
            while not lines[number].startswith("msgstr"):
                number += 1
            lines[number] = f'{lines[number].split()[0]} "{text}"\n'
            break
    path.write_text("".join(lines))


def test_a_check_names_what_is_missing_or_differs(tree: Path) -> None:
    assert catalogues.update("deals", "zh_Hans") == (6, 6)
    path = rooms.catalogue_path("deals", "zh_Hans")
    before = path.read_text()
    catalogues.update("deals", "zh_Hans")
    assert path.read_text() == before
    for source, text in (
        ("Hello", "你好"),
        ("{n} deal", "{m} 笔交易"),
        ("inside", "里面"),
        ("Open", "打开"),
        ("It's", "它"),
        ("</b> cases", "%(n)s 个案件"),
    ):
        translate(path, source, text)
    problems = {finding.problem for finding in catalogues.check("deals", "zh_Hans")}
    assert problems == {
        "placeholders %(…)s differ",
        "placeholders {…} differ",
        "markup differs",
    }
    (tree / "deals" / "views.py").write_text('A = _("New")')
    problems = {finding.problem for finding in catalogues.check("deals", "zh_Hans")}
    assert "missing" in problems
    assert any("not up to date" in problem for problem in problems)


def test_translations_survive_and_dead_texts_go(tree: Path) -> None:
    catalogues.update("deals", "zh_Hans")
    path = rooms.catalogue_path("deals", "zh_Hans")
    translate(path, "inside", "里面")
    (tree / "deals" / "views.py").write_text('A = _("inside")')
    assert catalogues.update("deals", "zh_Hans") == (4, 3)
    assert "里面" in path.read_text()
    assert "Hello" not in path.read_text()
    assert catalogues.compile_catalogues() == 1
    assert catalogues.compile_catalogues() == 0
    assert path.with_suffix(".mo").exists()
