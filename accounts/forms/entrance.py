"""allauth's forms without placeholders that only repeat the label."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as second_step
from allauth.mfa.totp import forms as totp
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest


class _Plain:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)


class Login(_Plain, account.LoginForm):  # type: ignore[misc]
    pass


class Signup(_Plain, account.SignupForm):  # type: ignore[misc]
    def try_save(self, request: HttpRequest) -> Any:
        """As slow for an address that has an account: else the time would tell."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class AddEmail(_Plain, account.AddEmailForm):  # type: ignore[misc]
    pass


class ChangePassword(_Plain, account.ChangePasswordForm):  # type: ignore[misc]
    pass


class SetPassword(_Plain, account.SetPasswordForm):  # type: ignore[misc]
    pass


class ResetPassword(_Plain, account.ResetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKey(_Plain, account.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class Reauthenticate(_Plain, account.ReauthenticateForm):  # type: ignore[misc]
    pass


class Authenticate(_Plain, second_step.AuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateByCode(_Plain, second_step.ReauthenticateForm):  # type: ignore[misc]
    pass


class ActivateTotp(_Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    pass
