"""Catalogues: what is found in sources, and what a check refuses."""

from pathlib import Path

import pytest

from marketplace.messages import __main__ as command
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


def test_a_function_under_another_name_is_followed(tree: Path) -> None:
    (tree / "listings").mkdir()
    (tree / "listings" / "views.py").write_text(
        "from django.utils.translation import gettext as now, ngettext_lazy as many\n"
        'A = now("Said at once")\nB = many("one", "several", n)\nC = later("Not ours")\n'
    )
    assert texts("listings") == {("", "Said at once"), ("", "several")}


def test_two_rooms_may_not_translate_one_text_differently(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At run time the catalogues are one: the second translation would never be seen."""
    for room, said in (("deals", ("姓名", "份合同")), ("listings", ("名称", "项合同"))):
        (tree / room).mkdir(exist_ok=True)
        (tree / room / "views.py").write_text(
            'A = _("Name")\nB = ngettext("contract", "contracts", n)\nC = pgettext("mail", "off")\n'
        )
        (tree / "templates" / "deals" / "a.html").write_text("")
        catalogues.update(room, "zh_Hans")
        path = rooms.catalogue_path(room, "zh_Hans")
        for source, text in (('"Name"', said[0]), ('"contract"', said[1]), ('"off"', said[0])):
            translate(path, source, text)
    assert command.run("check", []) == 1
    printed = capsys.readouterr().out
    assert (
        "locale/{listings,deals}/zh_Hans: translated differently (listings: 名称; deals: 姓名);"
        " agree on one or give one a context: 'Name'" in printed
    )
    assert "(listings: 项合同; deals: 份合同)" in printed
    assert "in context 'mail'" in printed
    assert command.run("check", ["listings"]) == 1
    assert command.run("check", ["contracts"]) == 0

    (tree / "deals" / "views.py").write_text('A = pgettext("person", "Name")')
    catalogues.update("deals", "zh_Hans")
    translate(rooms.catalogue_path("deals", "zh_Hans"), '"Name"', "姓名")
    assert command.run("check", []) == 0
