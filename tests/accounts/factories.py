"""People and organisations for tests. Everything is verified and usable unless said otherwise."""

from typing import Any

import factory
from django.utils import timezone

from accounts.models import (
    Alliance,
    AllianceMember,
    BrokerQualification,
    Membership,
    Organisation,
    User,
)


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@people.example")
    name = factory.Sequence(lambda n: f"Person {n}")
    language = "en"
    # A hash that no password has: hashing is slow and tests sign in by force_login.
    password = "!unusable"


class OrganisationFactory(factory.django.DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    class Params:
        unverified = factory.Trait(verified_at=None)
        tti = factory.Trait(kind="tti", tti_type="II")
        registration_point = factory.Trait(kind="government", is_registration_point=True)

    kind = "domestic_enterprise"
    name_en = factory.Sequence(lambda n: f"Organisation {n}")
    name_zh = factory.Sequence(lambda n: f"机构{n}")
    country = "CN"
    region = "440305"
    verified_at = factory.LazyFunction(timezone.now)


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    roles = factory.LazyFunction(lambda: ["owner"])


class QualificationFactory(factory.django.DjangoModelFactory[BrokerQualification]):
    class Meta:
        model = BrokerQualification

    user = factory.SubFactory(UserFactory)
    number = factory.Sequence(lambda n: f"TB-{n:06d}")
    issuer = "Provincial Department of Science and Technology"
    issued_on = factory.LazyFunction(
        lambda: timezone.localdate().replace(month=1, day=1, year=2024)
    )
    expires_on = None


class AllianceFactory(factory.django.DjangoModelFactory[Alliance]):
    """An alliance whose lead is a member, as the action would leave it."""

    class Meta:
        model = Alliance
        skip_postgeneration_save = True

    name_en = factory.Sequence(lambda n: f"Alliance {n}")
    lead = factory.SubFactory(OrganisationFactory)

    @factory.post_generation
    def lead_is_member(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create:
            AllianceMember.objects.create(
                alliance=self, organisation=self.lead, state=AllianceMember.State.MEMBER
            )


def person_in(organisation: Organisation, *roles: str, **facts: Any) -> User:
    """A new person with these roles there."""
    user: User = UserFactory(**facts)
    MembershipFactory(user=user, organisation=organisation, roles=list(roles) or ["owner"])
    return user
