"""What a side that asks without its name may not write by accident."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from deals.identifying import reasons_against
from deals.models import Introduction
from deals.queries.enquiries import is_still_unnamed, names_of
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid


def refuse_if_naming(
    introduction: Introduction, side: str, text: str, *, actor: Actor, field: str
) -> None:
    """While a side asks without its name, no message of it may tell it by accident.

    Raises Invalid.
    """
    if not is_still_unnamed(introduction, side):
        return
    organisation = Organisation.objects.get(pk=introduction.organisation_id_of(side))
    reasons = reasons_against(text, names_of(organisation, actor.user_id))
    if reasons:
        raise Invalid(
            "would_name_you", reasons[0],
            fields={field: [*reasons, _("To show your name, use “Show our name”.")]},
        )  # fmt: skip
