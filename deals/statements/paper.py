"""A beneficiary's statement as a PDF."""

from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contracts.certificates.typesetting import pdf_of
from deals.models import DistributionLine
from deals.queries.distribution import steps_of as lines_for
from deals.statements.words import how, remainder_words, scheme_name, steps_of
from marketplace.core.bilingual import pick
from marketplace.core.formatting import amount_text, date_text

_TEMPLATE = Path(__file__).with_name("statement.typ")


def pdf_of_statement(line: DistributionLine) -> bytes:
    """In the active language. The same statement gives the same bytes. Raises typst.TypstError on
    a faulty template; needs an approved run."""
    run, language = line.run, get_language()
    approved = run.approved_at
    assert approved is not None, "drafts have no statements"
    account = run.account
    title = _("Statement of distribution")
    data = {
        "language": language or "en",
        "title": title,
        "organisation": pick(account.organisation, "name", language).value,
        "for": [_("For"), pick(line, "name", language).value],
        "facts": [
            [_("Contract"), pick(account.contract, "title", language).value],
            [_("Registration number"), account.number],
            [_("Run"), f"{run.number} · {date_text(approved, 'date')}"],
            [_("Receipts up to"), date_text(run.up_to, "date")],
            [_("Scheme"), scheme_name(run.scheme).value],
            [_("Statement"), line.public_id],
        ],
        "steps": [
            [one.kind, one.name.value, one.how, amount_text(one.amount, run.currency, exact=True)]
            for one in steps_of(run, lines_for(line))
        ],
        "own": [
            _("Your part"), how(line, run.currency),
            amount_text(line.amount, run.currency, exact=True),
        ],
        "notes": [
            remainder_words(run.scheme),
            _("Amounts are before tax. An approved run is never changed; it is corrected only by "
              "another run, with a statement of its own."),
        ],
    }  # fmt: skip
    return pdf_of(_TEMPLATE, data, approved)
