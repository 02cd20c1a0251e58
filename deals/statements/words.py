"""Lines of a run in words, in the active language: the same on pages, paper and by API."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from deals.distribution.schemes import INVENTORS
from deals.models import DistributionLine, DistributionRun
from deals.queries.own_schemes import by_code
from marketplace.core.bilingual import Text, pick
from marketplace.core.formatting import amount_text, number_text


@dataclass(frozen=True, slots=True)
class Step:
    """A line for reading. name: who or what; how: how it was worked out, "" where the name says
    it; line: what it is of, None for sums."""

    kind: str  # gross, deduction, net, share or inventor
    name: Text
    how: str
    amount: Decimal
    line: DistributionLine | None = None


def steps_of(run: DistributionRun, lines: list[DistributionLine]) -> list[Step]:
    """Income, deductions, net income, shares: every step of a run, in order."""
    language = get_language()
    here = "zh-Hans" if (language or "").startswith("zh") else "en"
    count = ngettext("%(count)s receipt", "%(count)s receipts", run.receipts_count)
    steps = [
        Step("gross", Text(_("Income"), here), count % {"count": run.receipts_count}, run.gross)
    ]
    told_net = False
    for line in lines:
        if line.kind != DistributionLine.Kind.DEDUCTION and not told_net:
            steps.append(_net(run, here))
            told_net = True
        amount = -line.amount if line.kind == DistributionLine.Kind.DEDUCTION else line.amount
        name = pick(line, "name", language)
        steps.append(Step(line.kind, name, how(line, run.currency), amount, line))
    if not told_net:
        steps.append(_net(run, here))
    return steps


def how(line: DistributionLine, currency: str) -> str:
    """ "33.34% of ¥3,000,000.00 + …", with the cents that rounding left over."""
    if not line.parts:
        return ""
    text = " + ".join(
        _("%(part)s of %(amount)s")
        % {
            "part": _part(Decimal(weight), Decimal(of)),
            "amount": amount_text(amount, currency, exact=True),
        }
        for amount, weight, of in line.parts
    )
    if line.rounding:
        text += pgettext("list", "; ") + _("with %(amount)s left over by rounding") % {
            "amount": amount_text(line.rounding, currency, exact=True)
        }
    return text


def scheme_name(code: str) -> Text:
    """A run may outlive its scheme: then its code."""
    found = by_code(code)
    return found.text(get_language()) if found else Text(code, "en")


def remainder_words(code: str) -> str:
    """Who takes what rounding leaves over."""
    scheme = by_code(code)
    if scheme is None:
        return ""
    party = scheme.party(scheme.rounding_to).text(get_language()).value
    text = _(
        "Shares are cut down to the cent; what is left over goes to: %(party)s. Among inventors "
        "the next cent goes to whoever lost most by cutting."
    )
    return text % {"party": party}


def _net(run: DistributionRun, here: str) -> Step:
    before = _("after %(amount)s of earlier runs") % {
        "amount": amount_text(run.cumulative, run.currency, exact=True)
    }
    return Step("net", Text(_("Net income"), here), before if run.cumulative else "", run.net)


def _part(weight: Decimal, of: Decimal) -> str:
    if of == 100:
        return f"{number_text(weight)}%"
    return f"{number_text(weight)}/{number_text(of)}"


def is_inventors(line: DistributionLine) -> bool:
    return line.kind == DistributionLine.Kind.SHARE and line.code == INVENTORS
