"""Pages as PDF, set by typst with fonts that come as packages: nothing is needed of the system."""

import datetime as dt
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

HERE = Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The packaged Chinese fonts and typst's own; the machine's are left out, so that the same
    data give the same bytes everywhere."""
    folder = pylopdf_fonts_zh_cn.serif_path().parent
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])


def pdf_of(template: Path, data: Mapping[str, Any], moment: dt.datetime) -> bytes:
    """A tagged PDF of a typst file, which reads `data` (plain JSON) from sys.inputs.

    moment: the document's date. The same arguments give the same bytes. Raises
    typst.TypstError on a faulty template.
    """
    compiler = typst.Compiler(
        font_paths=_fonts(), ignore_system_fonts=True, root=str(template.parent),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )  # fmt: skip
    made = compiler.compile(
        input=template.read_bytes(), format="pdf", timestamp=int(moment.timestamp())
    )
    assert isinstance(made, bytes)
    return made
