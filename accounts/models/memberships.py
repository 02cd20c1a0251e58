"""Who belongs where, in which roles, and what a broker is qualified by."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.organisations import Organisation
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class Role(models.TextChoices):
    OWNER = "owner", _("owner")
    EDITOR = "editor", _("editor")
    BROKER = "broker", _("technology broker")
    REGISTRAR = "registrar", _("registrar")
    ANALYST = "analyst", _("analyst")


def _roles() -> ArrayField:  # type: ignore[type-arg]
    return ArrayField(models.CharField(max_length=10, choices=Role.choices))


class Membership(models.Model):
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    roles = _roles()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                name="membership_once",
                violation_error_message=_("This person is already a member."),
            )
        ]


class Invitation(models.Model):
    """An open invitation; the link holds a secret of which only the hash is kept."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(max_length=254)
    roles = _roles()
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_one_open",
                violation_error_message=_("This address is already invited."),
            )
        ]


class BrokerQualification(models.Model):
    """A broker's certificate: number, issuer, issue and expiry."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="qualifications"
    )
    number = models.CharField(max_length=60, validators=[plain_text])
    issuer = models.CharField(max_length=160, validators=[plain_text])
    issued_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gt=models.F("issued_on")),
                name="qualification_dates",
                violation_error_message=_("The expiry must be after the issue."),
            ),
            models.UniqueConstraint(
                fields=["user", "number"],
                name="qualification_once",
                violation_error_message=_("You have already entered this certificate."),
            ),
        ]
