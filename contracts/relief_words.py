"""The words of the relief estimator: why something counts or not, and what a figure is."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

REASONS: Mapping[str, str | Promise] = {
    "no_rule": _("No rule is known here for this day."),
    "not_registered": _("Only a registered contract counts."),
    "other_type": _("Only transfers and licences count, not this type."),
    "seller_kind": _("The rule is for enterprises and institutions in China; no seller is one."),
    "related": _("Not for deals with parties that are 100 % related."),
    "restricted": _("Not for exports that are prohibited or restricted."),
    "licence_kind": _("Under the rule of that day only a worldwide exclusive licence counted."),
    "no_end": _("The contract states no end, so a licence of five years or more is not shown."),
    "short": _("The licence runs less than the years that the rule asks for."),
    "licence_asks": _("On that day only a worldwide exclusive licence counted; the register cannot "
                      "tell whether this is one."),
    "right_asks": _("The rule does not name this kind of right, or the register does not say which "
                    "right it is."),
    "transfer_counts": _("A transfer of a right that the rule names."),
    "licence_counts": _("A licence that runs as long as the rule asks for."),
    "vat_exempt": _("Under this rule the type is exempt."),
    "vat_related": _("Exempt only if it belongs to a transfer or a development and stands on the "
                     "same invoice."),
    "vat_other": _("This type is not exempt."),
    "no_development": _("Only for development; what is bought otherwise is no research cost."),
    "own_costs": _("Each side deducts its own research costs, which the contract does not state."),
    "buyer_kind": _("The rule is for enterprises in China; no buyer is one."),
    "deducts": _("The buyer pays for commissioned development."),
    "reward_type": _("Only net income from transfers and licences is shared in this way."),
    "no_institution": _("The rule is for public institutions; no seller is one."),
    "rewards": _("The seller is a public institution."),
}  # fmt: skip
FIGURES: Mapping[str, str | Promise] = {
    "revenue": _("Revenue"),
    "cost": _("less cost"),
    "taxes": _("less related taxes"),
    "income": _("Income from technology transfer"),
    "exempt": _("of it exempt"),
    "halved": _("of it taxed at half the rate"),
    "due": _("Tax due"),
    "usual": _("Tax without the relief"),
    "saved": pgettext_lazy("relief", "Saved"),
    "vat_base": _("Amount without value-added tax"),
    "fee": _("Fee for the development"),
    "counted": _("of it counted as research cost"),
    "extra": _("Deducted on top"),
    "less_tax": _("Less tax for the buyer, at the usual rate"),
    "net": _("Net income"),
    "reward": pgettext_lazy("relief", "At least to those who did it"),
}
KINDS: Mapping[str, str | Promise] = {
    "income_tax": _("Corporate income tax"),
    "vat": _("Value-added tax"),
    "deduction": _("Super-deduction for research and development"),
    "reward": _("Reward to those who did it"),
}
TOTALS = frozenset({"income", "due", "saved", "vat_base", "extra", "reward"})
