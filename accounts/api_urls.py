"""Routes of this room under /api/v1/."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from accounts.api import security as _security  # noqa: F401 (registers itself)
from accounts.api.alliances import AllianceViewSet
from accounts.api.me import (
    ExpertProfileViewSet,
    MeViewSet,
    OwnMembershipViewSet,
    QualificationViewSet,
    TokenViewSet,
)
from accounts.api.organisations import (
    AcceptViewSet,
    InvitationViewSet,
    MemberViewSet,
    OrganisationViewSet,
    TtiViewSet,
    VerificationViewSet,
)
from accounts.api.webhooks import DeliveryViewSet, WebhookViewSet
from events.webhooks.rates import WebhookRate
from marketplace.core.api.throttles import ByToken

router = SimpleRouter()
router.register("organisations", OrganisationViewSet, basename="organisation")
router.register("ttis", TtiViewSet, basename="tti")
router.register("alliances", AllianceViewSet, basename="alliance")
router.register("verifications", VerificationViewSet, basename="verification")
router.register("me/memberships", OwnMembershipViewSet, basename="own-membership")
router.register("me/tokens", TokenViewSet, basename="token")
router.register("me/qualifications", QualificationViewSet, basename="qualification")

_under = "organisations/<str:organisation_id>"
_hook = f"{_under}/webhooks/<str:public_id>"
_delivery = f"{_under}/webhooks/<str:webhook_id>/deliveries"
_webhooks = [
    path(
        f"{_under}/webhooks/",
        WebhookViewSet.as_view({"get": "list", "post": "create"}),
        name="webhook-list",
    ),
    path(
        f"{_hook}/",
        WebhookViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="webhook-detail",
    ),
    *(
        path(f"{_hook}/{step}/", WebhookViewSet.as_view({"post": step}), name=f"webhook-{step}")
        for step in ("secret", "start", "stop")
    ),
    path(
        f"{_hook}/test/",
        WebhookViewSet.as_view({"post": "test"}, throttle_classes=[ByToken, WebhookRate]),
        name="webhook-test",
    ),
    path(
        f"{_delivery}/",
        DeliveryViewSet.as_view({"get": "list"}),
        name="webhook-delivery-list",
    ),
    path(
        f"{_delivery}/<str:public_id>/",
        DeliveryViewSet.as_view({"get": "retrieve"}),
        name="webhook-delivery-detail",
    ),
    path(
        f"{_delivery}/<str:public_id>/retry/",
        DeliveryViewSet.as_view({"post": "retry"}, throttle_classes=[ByToken, WebhookRate]),
        name="webhook-delivery-retry",
    ),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("me/", MeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="me"),
    path("me/export/", MeViewSet.as_view({"get": "export"}), name="me-export"),
    path(
        "me/expert-profile/",
        ExpertProfileViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
        name="me-expert-profile",
    ),
    path("me/close/", MeViewSet.as_view({"post": "close"}), name="me-close"),
    path(
        "invitations/accept/",
        AcceptViewSet.as_view({"post": "create"}),
        name="invitation-accept",
    ),
    path(f"{_under}/members/", MemberViewSet.as_view({"get": "list"}), name="member-list"),
    path(
        f"{_under}/members/<str:public_id>/",
        MemberViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
        name="member-detail",
    ),
    path(
        f"{_under}/invitations/",
        InvitationViewSet.as_view({"get": "list", "post": "create"}),
        name="invitation-list",
    ),
    path(
        f"{_under}/invitations/<str:public_id>/",
        InvitationViewSet.as_view({"delete": "destroy"}),
        name="invitation-detail",
    ),
    *_webhooks,
    *router.urls,
]
