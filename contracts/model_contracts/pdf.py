"""A model contract as a PDF, to be printed and signed."""

import datetime as dt
from dataclasses import asdict

from contracts.certificates.typesetting import pdf_of
from contracts.model_contracts import HERE, Paper

_TEMPLATE = HERE / "model_contract.typ"
_DATE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # of the texts: the same facts give the same bytes


def pdf_of_paper(paper: Paper) -> bytes:
    return pdf_of(_TEMPLATE, asdict(paper), _DATE)
