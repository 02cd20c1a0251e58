"""What the pages of mandates and of the brokers' desk send."""

import re
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.queries.organisations import ttis_visible_to
from listings.queries.visibility import visible_to as listings_visible_to
from marketplace.core.actor import Actor
from marketplace.core.codes import FIELDS
from marketplace.core.errors import field_error
from matching.models import Answer, Level, Reason
from matching.models.matches import MAX_TEXT
from matching.models.proposals import MAX_NOTE
from matching.queries.desk import ALL, CLIENTS, WAITS, Wanted

PUBLIC_ID = re.compile(r"(?<![0-9A-Za-z])([0-9A-HJKMNP-TV-Z]{10})(?![0-9A-Za-z])")


class MandateForm(forms.Form):
    institution = forms.CharField(
        label=_("Institution"), max_length=300,
        help_text=_("Its name, or the address of its page."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class BulkForm(forms.Form):
    """One answer for all that are marked. None stands there at first: interest opens talks."""

    answer = forms.ChoiceField(
        label=_("Answer"), choices=[("", _("Choose an answer")), *Answer.choices]
    )
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("no reason")), *Reason.choices], required=False,
        help_text=_("Only with “not for us”."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("In a few words"), required=False, max_length=MAX_TEXT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Your client reads this; the other side reads the reason."),
    )  # fmt: skip


class PairForm(forms.Form):
    """A need and a technology, each by id or the address of its page."""

    need = forms.CharField(
        label=_("Need"), max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Its id, or the address of its page."),
    )  # fmt: skip
    technology = forms.CharField(
        label=_("Technology"), max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Its id, or the address of its page."),
    )  # fmt: skip


class ProposalForm(PairForm):
    note = forms.CharField(
        label=_("Note to both sides"), required=False, max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Plain text: why you think that the two should talk. Both sides read it."),
    )  # fmt: skip


def institution_named(actor: Actor, text: str) -> Organisation:
    """The verified institution of a name, an id or an address. Raises Invalid on `institution`."""
    seen = ttis_visible_to(actor)
    text = text.strip()
    if (found := PUBLIC_ID.search(text)) and (one := seen.filter(public_id=found[1]).first()):
        return one
    named = list(seen.filter(Q(name_en__iexact=text) | Q(name_zh=text))[:2])
    if not named:
        named = list(seen.filter(Q(name_en__icontains=text) | Q(name_zh__contains=text))[:2])
    if len(named) == 1:
        return named[0]
    raise field_error(
        "institution",
        _("More than one institution is called so. Paste the address of its page.")
        if named
        else _("No verified transfer institution is called so. Paste the address of its page."),
        code="ambiguous" if named else "unknown",
    )


def listing_id(actor: Actor, text: str, kind: str) -> int:
    """The listing of an id or an address, as far as the actor may know of it.

    Raises Invalid on `need` or `technology`: absent and closed are not told apart.
    """
    found = PUBLIC_ID.search(text.strip().upper() if len(text.strip()) == 10 else text)
    row = None
    if found:
        seen = listings_visible_to(actor).filter(revision_of__isnull=True)
        row = seen.filter(public_id=found[1]).values_list("pk", "kind").first()
    if row is None:
        raise field_error(
            kind, _("There is no such listing, or it is not open to you."), code="unknown"
        )
    if row[1] != kind:
        raise field_error(kind, _("This is not a listing of that kind."), code="wrong_kind")
    pk: int = row[0]
    return pk


def wanted_from(query: QueryDict, *, has_clients: bool) -> Wanted:
    """The filters of a desk's address; what is unknown is as if it were not there."""

    def one_of(name: str, known: Any, default: str = "") -> str:
        value = query.get(name, "")
        return value if value in known else default

    whose = query.get("whose", "")
    if whose not in (ALL, CLIENTS) and not re.fullmatch(r"(client|alliance):[0-9A-Z]{10}", whose):
        whose = CLIENTS if has_clients else ALL
    return Wanted(
        whose=whose,
        level=one_of("level", Level.values),
        field=one_of("field", FIELDS),
        waits=one_of("waits", WAITS),
        only_new=query.get("new") == "1",
        only_free=query.get("free") == "1",
    )
