"""Forms of tenders and auctions. The rules are in the actions; forms keep what was typed."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.forms.inputs import MoneyField, chosen, line
from deals.models import (
    DepositKind,
    Exclusivity,
    Sale,
    SaleAccess,
    SaleKind,
    SaleObject,
    SalePublicity,
)
from marketplace.core.codes import CURRENCIES
from marketplace.core.forms import SeenVersionField

STEPS = ("object", "price", "bidders")


def _moment(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateTimeField:
    """In the time of the market."""
    return forms.DateTimeField(
        label=label, required=required, help_text=help_text,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )  # fmt: skip


def _count(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip


def _text(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=2000, strip=False, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip


class ObjectForm(forms.Form):
    """What is sold."""

    version = SeenVersionField()
    sold = forms.ChoiceField(label=_("What is sold"), choices=SaleObject.choices)
    exclusivity = forms.ChoiceField(
        label=_("Exclusivity"), choices=[("", "—"), *Exclusivity.choices], required=False,
        help_text=_("Of a licence."),
    )  # fmt: skip
    field_of_use = line(_("Field of use"), 300)
    territory = line(_("Territory"), 200)
    terms_zh = _text(_("Terms in Chinese"), _("In a few lines: what the buyer gets and must do."))
    terms_en = _text(_("Terms in English"))


class PriceForm(forms.Form):
    """Price and time."""

    version = SeenVersionField()
    currency = forms.ChoiceField(label=_("Currency"))
    start_price = MoneyField(
        label=_("Starting price"), required=False, help_text=_("Everybody reads it. Empty: none.")
    )
    reserve = MoneyField(
        label=_("Reserve price"), required=False,
        help_text=_("Below it nothing is sold. Others read only that there is one."),
    )  # fmt: skip
    increment = MoneyField(
        label=_("Increment"), required=False, help_text=_("How much higher each bid must be.")
    )
    starts_at = _moment(_("Bids from"), _("In the time of the market."))
    planned_end = _moment(_("Bids until"), _("At this very second it is over."))
    extension_minutes = _count(
        _("Extension in minutes"),
        _("A bid in the last minutes moves the end by so many, at most 60."),
    )
    max_extensions = _count(_("Extensions at most"))

    def __init__(self, *args: Any, sale: Sale, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = chosen(CURRENCIES, None)  # type: ignore[attr-defined]
        if sale.is_tender:
            for name in ("increment", "extension_minutes", "max_extensions"):
                del self.fields[name]


class BiddersForm(forms.Form):
    """Who may bid, and what others read."""

    version = SeenVersionField()
    access = forms.ChoiceField(label=_("Who may bid"), choices=SaleAccess.choices)
    deposit = MoneyField(
        label=_("Deposit"), required=False,
        help_text=_("Each bidder pays it to you before it is admitted. Empty: none."),
    )  # fmt: skip
    deposit_until = _moment(_("Deposit comes in until"))
    sme_days = _count(
        _("First refusal in days"),
        _("The highest small or medium enterprise may match the winning price within so many days. "
          "Empty: none."),
    )  # fmt: skip
    publicity = forms.ChoiceField(
        label=_("Everybody reads"), choices=SalePublicity.choices,
        help_text=_("Bidders of an auction always see its price and their rivals’ numbers."),
    )  # fmt: skip
    opener = line(
        _("Opens the bids with you"), 10,
        _("Id of another organisation’s page, such as a notary or transfer institution: it takes a "
          "second key, and neither of you can open alone."),
    )  # fmt: skip

    def __init__(self, *args: Any, sale: Sale, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sale.is_tender:
            del self.fields["opener"]


def facts_of(sale: Sale) -> dict[str, Any]:
    """What the forms begin with; empty where a zero means none."""
    names = [*ObjectForm.base_fields, *PriceForm.base_fields, *BiddersForm.base_fields]
    facts = {name: getattr(sale, name) for name in names if name not in ("version", "opener")}
    facts |= {
        name: timezone.localtime(facts[name])
        for name in ("starts_at", "planned_end", "deposit_until")
        if facts[name]
    }
    facts |= {name: facts[name] or None for name in ("start_price", "increment", "deposit",
              "extension_minutes", "max_extensions", "sme_days")}  # fmt: skip
    return {**facts, "opener": sale.opener.public_id if sale.opener else ""}


class NewSaleForm(forms.Form):
    listing = forms.ChoiceField(label=_("Technology"))
    kind = forms.ChoiceField(
        label=_("How it is sold"), choices=SaleKind.choices, widget=forms.RadioSelect,
        help_text=_("In a sealed tender nobody reads a bid before the end, and the highest wins. "
                    "In an open auction bidders outbid each other until the end."),
    )  # fmt: skip

    def __init__(self, *args: Any, listings: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["listing"].choices = listings  # type: ignore[attr-defined]


class KeyForm(forms.Form):
    opening_key = forms.CharField(
        label=_("Opening key"), max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


class ApplyForm(forms.Form):
    organisation = forms.TypedChoiceField(label=_("Organisation"), coerce=int)
    is_sme = forms.BooleanField(
        label=_("It is a small or medium enterprise"), required=False,
        help_text=_("You declare it; the seller may ask for proof."),
    )  # fmt: skip

    def __init__(self, *args: Any, organisations: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = organisations  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    organisation = forms.CharField(
        label=_("Organisation"), max_length=160, help_text=_("Full name, or the id of its page.")
    )


class DepositForm(forms.Form):
    kind = forms.ChoiceField(
        label=pgettext_lazy("deposit", "What happened"), choices=DepositKind.choices
    )
    amount = MoneyField(label=_("Amount"))
    moved_on = forms.DateField(
        label=pgettext_lazy("deposit", "On"), initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    reference = forms.CharField(
        label=_("Reference"), max_length=80, help_text=_("Of the bank or of your books.")
    )


class ProxyForm(forms.Form):
    email = forms.EmailField(label=_("E-mail of the person"), max_length=254)
    valid_from = _moment(pgettext_lazy("proxy", "From"), _("Empty: from now on."))
    valid_until = _moment(_("Until"), required=True)


class BidForm(forms.Form):
    """sure: the second step, in which the amount is read once more."""

    amount = MoneyField(label=_("Your bid"))
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    sure = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1)


class RevealForm(forms.Form):
    amount = MoneyField(label=_("Amount of the receipt"))
    nonce = forms.CharField(
        label=_("Nonce of the receipt"), max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
