"""A person. Signs in by e-mail; what it may do comes from memberships and two platform flags."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(email, password, is_operator=True, is_moderator=True, **extra)


class User(AbstractUser):
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    is_staff = None

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=80, blank=True, validators=[plain_text])
    language = models.CharField(_("language"), max_length=10, default="en")
    is_operator = models.BooleanField(
        default=False, help_text=_("Runs the platform: verifies organisations, retries jobs.")
    )
    is_moderator = models.BooleanField(default=False, help_text=_("Reviews listings."))
    agreed_to_be_found = models.BooleanField(
        default=False, help_text=_("The name is shown on the pages of the person's organisations.")
    )
    agreed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the rules of the market were agreed to.")
    )
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the account was closed and its data removed.")
    )

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message=_("There is already an account with this address."),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.public_id

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
