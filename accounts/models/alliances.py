"""Alliances: groups of organisations with referral rules of their own."""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.organisations import Organisation
from marketplace.core.cleaning import plain_text
from marketplace.core.public_id import new_public_id


class Alliance(models.Model):
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    name_en = models.CharField(max_length=160, blank=True, validators=[plain_text])
    name_zh = models.CharField(max_length=160, blank=True, validators=[plain_text])
    about_en = models.TextField(
        max_length=2000, blank=True, validators=[plain_text, MaxLengthValidator(2000)]
    )
    about_zh = models.TextField(
        max_length=2000, blank=True, validators=[plain_text, MaxLengthValidator(2000)]
    )
    referral_rules = models.TextField(
        max_length=4000, blank=True, validators=[plain_text, MaxLengthValidator(4000)]
    )
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="led_alliances")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(name_en="") | ~Q(name_zh=""),
                name="alliance_has_name",
                violation_error_message=_("Give the name in English or Chinese."),
            )
        ]

    def __str__(self) -> str:
        return self.name_zh or self.name_en


class AllianceMember(models.Model):
    """`state` has one door: accounts.actions.alliances."""

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        MEMBER = "member", _("member")
        LEFT = "left", _("left")

    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="members")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="alliance_memberships"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.INVITED)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "organisation"],
                name="alliance_member_once",
                violation_error_message=_("This organisation is already invited or a member."),
            )
        ]
