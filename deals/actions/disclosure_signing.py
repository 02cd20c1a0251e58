"""Signatures under a disclosure: links by mail, signing by link or in person, submission with the
last signature."""

import datetime as dt
import secrets

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from accounts import mail
from accounts.models import User
from accounts.queries.organisations import people_with
from accounts.queries.tokens import digest
from deals import disclosure_states as states
from deals import event_kinds, notices
from deals.actions.disclosures import authors_own, lock_for_move, locked_disclosure, touched
from deals.disclosure_content import content_digest, missing
from deals.models import Disclosure, DisclosureInventor
from deals.queries.disclosures import own_signature
from deals.rules import CASE_ROLES
from events.actions import notify
from marketplace.core.actor import Actor
from marketplace.core.bilingual import pick
from marketplace.core.errors import Conflict, Invalid, NotFound, Refused, Stale, field_error
from marketplace.core.gates import get_visible

LINK_DAYS = 14
AGAIN_AFTER = dt.timedelta(minutes=10)
MAX_LINKS = 100  # of one disclosure, in its whole life: our mails go to any address


@transaction.atomic
def ask_for_signatures(
    *, actor: Actor, disclosure_id: int, expected_version: int | None = None
) -> Disclosure:
    """Send each inventor a link to sign. Raises Invalid with what is missing, by field."""
    disclosure = authors_own(actor, disclosure_id, "ask", expected_version)
    if disclosure.organisation_id not in actor.verified_ids:
        raise Refused(
            "not_verified", _("Your organisation must be verified before it asks for signatures.")
        )
    inventors = list(disclosure.inventors.all())
    if wrong := missing(disclosure, inventors):
        raise Invalid("incomplete", _("Something is still missing."), fields=wrong)
    before = disclosure.state
    disclosure.state = states.TRANSITIONS.target("ask", before)
    for inventor in inventors:
        _send(disclosure, inventor, actor)
    touched(
        disclosure, event_kinds.DISCLOSURE_ASKED, actor, "state", "links_sent", before=before,
        inventors=len(inventors),
    )  # fmt: skip
    return disclosure


@transaction.atomic
def send_link(*, actor: Actor, disclosure_id: int, inventor: str) -> DisclosureInventor:
    """A new link for an inventor who has not signed; the older one stops working.

    inventor: public id. Raises Conflict within ten minutes of the last one.
    """
    disclosure = authors_own(actor, disclosure_id, "send_link")
    unsigned = disclosure.inventors.filter(signed_at__isnull=True)
    row = get_visible(unsigned, public_id=inventor)
    if row.link_sent_at and row.link_sent_at > timezone.now() - AGAIN_AFTER:
        raise Conflict("sent_just_now", _("A link was sent just now. Wait ten minutes."))
    _send(disclosure, row, actor)
    touched(disclosure, event_kinds.DISCLOSURE_LINK_SENT, actor, "links_sent", inventor=inventor)
    return row


def find_by_link(secret: str) -> DisclosureInventor:
    """The inventor of a link that still works. Raises NotFound for a used, old or wrong one."""
    found = (
        DisclosureInventor.objects.select_related(
            "disclosure__organisation", "disclosure__institution", "disclosure__author"
        )
        .filter(
            link_digest=digest(secret), link_expires_at__gt=timezone.now(),
            signed_at__isnull=True, disclosure__state=states.SIGNING,
        )
        .first()
        if 0 < len(secret) <= 100
        else None
    )  # fmt: skip
    if found is None:
        raise NotFound(
            "link_gone",
            _("This link was used, has expired, or the disclosure was changed since. Ask its "
              "author for a new one."),
        )  # fmt: skip
    return found


@transaction.atomic
def sign_by_link(*, actor: Actor, secret: str, name: str, seen: str) -> Disclosure:
    """Sign with a link, which thereby is used up. seen: the hash of the content that was shown."""
    found = find_by_link(secret)
    disclosure = lock_for_move(found.disclosure_id, "sign")
    find_by_link(secret)  # again under the lock: a link works once
    return _signed(disclosure, found.pk, actor, name, seen)


@transaction.atomic
def sign_in_person(*, actor: Actor, disclosure_id: int, name: str, seen: str) -> Disclosure:
    """Sign as the inventor whose address the signed-in person has confirmed."""
    disclosure = locked_disclosure(actor, disclosure_id, "sign")
    mine = own_signature(actor, disclosure)
    if mine is None:
        raise Refused("not_an_inventor", _("Only an inventor signs, with the address named here."))
    if mine.signed_at is not None:
        raise Conflict("signed_already", _("You have signed this disclosure already."))
    return _signed(disclosure, mine.pk, actor, name, seen)


# --- Pieces ------------------------------------------------------------------------------------


def _signed(
    disclosure: Disclosure, inventor_id: int, actor: Actor, name: str, seen: str
) -> Disclosure:
    rows = list(disclosure.inventors.all())
    row = next(one for one in rows if one.pk == inventor_id)
    if _plain(name) != _plain(row.name):
        raise field_error(
            "name",
            _("Type your name as it stands in the disclosure: %(name)s.") % {"name": row.name},
            code="other_name",
        )
    content = content_digest(disclosure, rows)
    if seen != content:
        raise Stale(
            "other_content",
            _("The disclosure was changed after you opened it. Read it again before you sign."),
        )
    row.signed_at, row.signed_digest = timezone.now(), content
    row.signed_name = " ".join(name.split())
    row.link_digest, row.link_expires_at = "", None
    row.save()
    touched(disclosure, event_kinds.DISCLOSURE_SIGNED, actor, inventor=row.public_id)
    if all(one.signed_digest == content for one in rows):
        _submit(disclosure, actor)
    return disclosure


def _submit(disclosure: Disclosure, actor: Actor) -> None:
    before = disclosure.state
    disclosure.state = states.TRANSITIONS.target("submit", before)
    disclosure.submitted_at = disclosure.submitted_at or timezone.now()  # of its first receipt
    disclosure.remarks, disclosure.reason, disclosure.decided_at = "", "", None
    disclosure.decided_by = None
    touched(
        disclosure, event_kinds.DISCLOSURE_SUBMITTED, actor, "state", "submitted_at", "remarks",
        "reason", "decided_at", "decided_by", before=before,
    )  # fmt: skip
    key, url = f"{disclosure.public_id}-{disclosure.version}", disclosure.get_absolute_url()
    people = people_with(disclosure.institution_id or 0, *CASE_ROLES)
    notify(people, notices.DISCLOSURE_CAME, url=url, key=key)
    if disclosure.author_id:
        notify([disclosure.author_id], notices.DISCLOSURE_SUBMITTED, url=url, key=key)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def _send(disclosure: Disclosure, inventor: DisclosureInventor, actor: Actor) -> None:
    """The mail names who asks, never what was invented: mail is read by others, too."""
    if disclosure.links_sent >= MAX_LINKS:
        raise Conflict("too_many_links", _("Too many links were sent for this disclosure."))
    secret, now = secrets.token_urlsafe(32), timezone.now()
    inventor.link_digest, inventor.link_sent_at = digest(secret), now
    inventor.link_expires_at = now + dt.timedelta(days=LINK_DAYS)
    inventor.save(update_fields=["link_digest", "link_sent_at", "link_expires_at"])
    disclosure.links_sent += 1
    known = User.objects.filter(email__iexact=inventor.email, is_active=True).first()
    author = User.objects.filter(pk=disclosure.author_id or 0).first()
    with translation.override(known.language if known else actor.language):
        language = translation.get_language()
        text = render_to_string(
            "deals/mail/signature.txt",
            {
                "author": author.name if author else "", "days": LINK_DAYS,
                "organisation": pick(disclosure.organisation, "name", language).value,
                "url": settings.PUBLIC_URL + reverse("disclosure_link", args=[secret]),
                "site_url": settings.PUBLIC_URL,
            },
        )  # fmt: skip
        mail.post(to=[inventor.email], subject=_text("Your signature is asked for"), text=text)
