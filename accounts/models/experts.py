"""A person's consent to be found by what it has posted."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models

from accounts.models.organisations import Organisation
from marketplace.core.cleaning import plain_text


class ExpertProfile(models.Model):
    """The row is the consent: withdrawn, it is deleted.

    Found under this organisation only, and only while a member of it.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="expert_profile"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=80, blank=True, validators=[plain_text])
    about = models.TextField(
        max_length=300, blank=True, validators=[plain_text, MaxLengthValidator(300)]
    )
    agreed_at = models.DateTimeField(auto_now_add=True)
