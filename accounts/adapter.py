"""How allauth speaks to people here: our words, their language, mail through the outbox."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts import mail
from accounts.models import User
from accounts.network import client_ip
from accounts.sealing import seal, unseal

MAX_EMAIL = 254


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "cannot_remove_primary_email": _(
            "You cannot remove your main address. Make another one the main address first."
        ),
        "duplicate_email": _("You have already entered this address."),
        "email_password_mismatch": _(
            "The e-mail address and the password do not belong together. Check both, or reset the "
            "password."
        ),
        "email_taken": _("There is already an account with this address."),
        "enter_current_password": _("Enter your present password."),
        "incorrect_code": _("This code is not right. Check it, or wait for the next one."),
        "incorrect_password": _("This password is not right."),
        "invalid_or_expired_key": _("This link has expired or was used before. Ask for a new one."),
        "invalid_login": _("This e-mail address is not valid."),
        "invalid_password_reset": _("This link has expired or was used before. Ask for a new one."),
        "max_email_addresses": _("You cannot add more than %d addresses."),
        "same_as_current": _("The new value must differ from the present one."),
        "too_many_login_attempts": _(
            "Too many failed attempts to sign in. Wait a few minutes, or reset the password."
        ),
        "unknown_email": _("No account has this address."),
        "unverified_primary_email": _("Your main address must be confirmed first."),
        "rate_limited": _("Too many requests. Wait a minute and try again."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail in the reader's language and queue it."""
        reader = context.get("user") or getattr(self.request, "user", None)
        language = reader.language if isinstance(reader, User) else translation.get_language()
        with translation.override(language):
            shown = {"email": email, "site_url": settings.PUBLIC_URL, **context}
            subject = render_to_string(f"{template_prefix}_subject.txt", shown)
            text = render_to_string(f"{template_prefix}_message.txt", shown)
        mail.post(to=[email], subject=" ".join(subject.split()), text=text.strip() + "\n")

    def clean_email(self, email: str) -> str:
        # allauth would cut a longer one to the column's length: another address.
        if len(email) > MAX_EMAIL:
            raise ValidationError(_("An address has at most 254 characters."), code="too_long")
        return email

    def get_client_ip(self, request: HttpRequest) -> str:
        address = client_ip(request)
        if not address:
            # A Unix socket names nobody; its one "address" is then throttled as a whole.
            if request.META.get("REMOTE_ADDR"):
                raise PermissionDenied("Unable to determine client IP address")
            return "127.0.0.1"
        return address


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps and recovery codes are sealed in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _("Turn the second step off before you add an address."),
        "cannot_delete_authenticator": _("The second step cannot be turned off."),
        "cannot_generate_recovery_codes": _("Turn on a second step first."),
        "incorrect_code": _("This code is not right. Check it, or wait for the next one."),
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return seal("mfa", text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal("mfa", encrypted_text)

    def _get_site_name(self) -> str:
        return "Yizhan"
