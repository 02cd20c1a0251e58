"""What a formula that has no answer, or a doubtful one, says to the reader."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PROBLEMS: dict[str, str | Promise] = {
    "steps": _(
        "With so few steps the lattice has no probability between 0 and 1. Take more steps, or a "
        "higher volatility."
    ),
    "not_finite": _(
        "These figures lead beyond any amount of money. Check the growth, the rate and the years."
    ),
    "no_spread": _("No input has a low and a high end. Give at least one of them a range."),
    "too_much_work": _("So many steps and draws take too long. Take fewer steps or fewer draws."),
}
TREE_FAULTS: dict[str, str | Promise] = {
    "repeated": _("Another row has this name. Give each row its own."),
    "unknown_parent": _("No row has this name. Write the name of the row that this one follows."),
    "roots": _("Only one row may begin the tree. Say which row this one follows."),
    "cycle": _("This row follows itself, directly or through others. The tree needs a first row."),
    "empty": _("Give at least one row."),
}
WARNINGS: dict[str, str | Promise] = {
    "risk_twice": _(
        "The discount rate is higher than the rate before any premium for technical risk, and the "
        "chances carry this risk already: it is counted twice, and the value is too low."
    ),
    "chances_rise": _(
        "A later year has a higher chance of being reached than an earlier one. Check the chances."
    ),
    "few_comparables": _(
        "Fewer than five comparables: the figure rests on single deals. Use it only beside others."
    ),
    "cost_alone": _(
        "Cost says what it took, not what it brings in. Set another approach beside it."
    ),
    "root_negative": _("Beginning is worth less than nothing with these figures."),
    "american_differs": _(
        "The right to exercise early is worth much here. Say which style you quote."
    ),
}
