"""The way in, for those who are not there yet."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.queries import organisations
from listings.queries.mine import my_listings
from listings.rules import EDIT_ROLES
from marketplace.core.actor import Actor
from marketplace.dashboard.parts import url


@dataclass(frozen=True)
class FirstStep:
    title: str
    text: str
    url: str
    label: str
    done: bool = False


def first_steps(actor: Actor) -> list[FirstStep]:
    """The way in, for people whose organisation is missing, unverified, or has posted nothing;
    empty once it is gone, and for those who are here for another work."""
    if actor.is_operator or actor.is_moderator:
        return []
    own = list(organisations.own(actor))
    verified = bool(actor.verified_ids)
    editing = actor.ids_with(*EDIT_ROLES)
    has_posted = bool(editing) and my_listings(actor).exists()
    if verified and (has_posted or not editing):
        return []
    unverified = next((row for row in own if not row.is_verified), None)
    return [
        FirstStep(
            _("Enter your organisation"),
            _("Or open the link of an invitation that a colleague sent you."),
            url("organisation_new"), _("Enter it"), bool(own),
        ),
        FirstStep(
            _("Have it verified"),
            _("Send one paper that shows who you are. Then you can publish, and read what is for "
              "members only."),
            url("organisation_verify", unverified.public_id) if unverified else "",
            _("Send the paper"), verified,
        ),
        FirstStep(
            _("Post a technology or a need"),
            _("Ten minutes, in Chinese, English or both. It is matched once it is published."),
            url("post") if own else "", _("Begin"), has_posted,
        ),
    ]  # fmt: skip
