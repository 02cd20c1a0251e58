"""Mail about notifications: at once, or one digest a day, with a link that stops it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import MailPreference, Notification
from events.notices import NOTICES, notice

UNSUBSCRIBE_SALT = "events.unsubscribe"
DIGEST_LIMIT = 30


def unsubscribe_token(user_id: int, kind: str) -> str:
    """Signed, so that the link in a mail works without signing in and for this kind alone."""
    return signing.dumps([user_id, kind], salt=UNSUBSCRIBE_SALT)


def read_unsubscribe_token(token: str) -> tuple[int, str]:
    """Raises signing.BadSignature."""
    user_id, kind = signing.loads(token, salt=UNSUBSCRIBE_SALT)
    return int(user_id), str(kind)


def send_one(notification_id: int) -> None:
    """Mail one notification, once: the row is claimed before the mail goes out."""
    with transaction.atomic():
        row = (
            Notification.objects.select_for_update(of=("self",))
            .select_related("recipient")
            .filter(pk=notification_id, mailed_at__isnull=True)
            .first()
        )
        if row is None or not row.recipient.is_active:
            return
        _send(row.recipient, [row], digest=False)
        row.mailed_at = timezone.now()
        row.save(update_fields=["mailed_at"])


def send_digest(user_id: int) -> None:
    """Mail what a person has not read and not been mailed, of kinds it wants daily."""
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    chosen = dict(MailPreference.objects.filter(user=user).values_list("kind", "when"))
    daily = [kind for kind, entry in NOTICES.items() if chosen.get(kind, entry.mail) == "daily"]
    with transaction.atomic():
        rows = list(
            Notification.objects.select_for_update()
            .filter(recipient=user, mailed_at__isnull=True, read_at__isnull=True, kind__in=daily)
            .order_by("-id")[:DIGEST_LIMIT]
        )
        if not rows:
            return
        _send(user, rows, digest=True)
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(
            mailed_at=timezone.now()
        )


def _send(user: Any, rows: list[Notification], *, digest: bool) -> None:
    with translation.override(user.language):
        lines = [
            {
                "text": notice(row.kind).render(row.params, user.language),
                "detail": notice(row.kind).render_detail(row.params, user.language),
                "url": settings.PUBLIC_URL + row.url if row.url else "",
            }
            for row in rows
        ]
        kind = "*" if digest else rows[0].kind
        subject = (
            ngettext(
                "%(count)d thing is new for you", "%(count)d things are new for you", len(rows)
            )
            % {"count": len(rows)}
            if digest
            else lines[0]["text"]
        )
        post(
            user, kind=kind, subject=str(subject), template="events/mail/notices",
            context={"lines": lines, "digest": digest},
        )  # fmt: skip


def post(
    user: Any, *, kind: str, subject: str, template: str, context: dict[str, Any],
    message_id: str = "",
) -> None:  # fmt: skip
    """Send one mail as text and HTML (`<template>.txt`, `.html`), in the active language, with a
    link and a header that stop its kind ("*": the daily digest).

    message_id: the part before the @, the same for the same mail: programs show it once, should
    it have to be sent twice.
    """
    stop = settings.PUBLIC_URL + reverse("unsubscribe", args=[unsubscribe_token(user.pk, kind)])
    context = {
        "user": user, "stop_url": stop,
        "preferences_url": settings.PUBLIC_URL + reverse("mail_preferences"),
        "language": user.language, "site": _("Yizhan"), "home_url": settings.PUBLIC_URL,
        **context,
    }  # fmt: skip
    headers = {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    if message_id:
        headers["Message-ID"] = f"<{message_id}@{urlsplit(settings.PUBLIC_URL).hostname}>"
    message = EmailMultiAlternatives(
        " ".join(subject.split())[:150],
        render_to_string(f"{template}.txt", context),
        to=[user.email],
        headers=headers,
    )
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    message.send()
