"""The form of an enquiry without a name; the rules are the action's."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deals.models.talks import MAX_MESSAGE


class EnquiryForm(forms.Form):
    """facts: (code, what the other side would read) of one's listing; brokers: (id, name)."""

    words = forms.CharField(
        label=_("What do you want to know?"),
        max_length=MAX_MESSAGE,
        strip=False,
        help_text=_(
            "Say the problem in your own words, without your name, an address or a number. "
            "Figures and conditions get better answers."
        ),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    shows = forms.MultipleChoiceField(
        label=_("What else may the other side know?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing of it goes unless you tick it. It cannot be taken back."),
    )
    through = forms.ChoiceField(
        label=_("Ask a broker to help"),
        required=False,
        help_text=_(
            "Only brokers of this institution are asked. Who takes it up reads what the other side "
            "reads; the other side then sees the name of the institution."
        ),
    )

    def __init__(
        self,
        *args: Any,
        facts: list[tuple[str, str]],
        brokers: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        shows, through = self.fields["shows"], self.fields["through"]
        assert isinstance(shows, forms.MultipleChoiceField)
        assert isinstance(through, forms.ChoiceField)
        shows.choices = facts
        through.choices = [("", _("no broker")), *brokers]
        if not facts:
            del self.fields["shows"]
        if not brokers:
            del self.fields["through"]
