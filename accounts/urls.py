"""Addresses of this room. allauth's own pages are under /account/ too."""

from django.urls import URLPattern, URLResolver, include, path

from accounts.views import (
    account,
    alliances,
    directory,
    experts,
    members,
    organisations,
    qualifications,
    tokens,
    verification,
    webhooks,
)

_own: list[URLPattern | URLResolver] = [
    path("", account.overview, name="account"),
    path("profile/", account.profile, name="account_profile"),
    path("organisations/", account.my_organisations, name="my_organisations"),
    path("certificates/", qualifications.qualification_list, name="qualifications"),
    path("certificates/new/", qualifications.qualification_edit, name="qualification_new"),
    path(
        "certificates/<str:public_id>/",
        qualifications.qualification_edit,
        name="qualification_edit",
    ),
    path(
        "certificates/<str:public_id>/remove/",
        qualifications.qualification_remove,
        name="qualification_remove",
    ),
    path("expert/", experts.expert_profile, name="expert_profile"),
    path("expert/take-back/", experts.take_back, name="expert_take_back"),
    path("tokens/", tokens.token_list, name="api_tokens"),
    path("tokens/<str:public_id>/revoke/", tokens.revoke, name="api_token_revoke"),
    path("data/", account.data, name="account_data"),
    path("data/export/", account.export_data, name="account_export"),
    path("close/", account.close, name="account_close"),
    path("", include("allauth.urls")),
]

_webhook: list[URLPattern | URLResolver] = [
    path("", webhooks.webhook_page, name="organisation_webhook"),
    path("secret/", webhooks.webhook_secret, name="webhook_secret"),
    path("test/", webhooks.webhook_test, name="webhook_test"),
    path("switch/", webhooks.webhook_switch, name="webhook_switch"),
    path("remove/", webhooks.webhook_remove, name="webhook_remove"),
    path("messages/<str:delivery_id>/again/", webhooks.webhook_again, name="webhook_again"),
]

_organisation: list[URLPattern | URLResolver] = [
    path("", organisations.organisation_page, name="organisation"),
    path("edit/", organisations.organisation_edit, name="organisation_edit"),
    path("history/", organisations.organisation_history, name="organisation_history"),
    path("verify/", verification.organisation_verify, name="organisation_verify"),
    path("standing/", organisations.organisation_standing, name="organisation_standing"),
    path("revoke/", verification.organisation_revoke, name="organisation_revoke"),
    path("webhooks/", webhooks.webhook_list, name="organisation_webhooks"),
    path("webhooks/<str:webhook_id>/", include(_webhook)),
    path("leave/", members.organisation_leave, name="organisation_leave"),
    path("members/", members.member_list, name="organisation_members"),
    path("members/<str:member_id>/roles/", members.member_roles, name="member_roles"),
    path("members/<str:member_id>/remove/", members.member_remove, name="member_remove"),
    path(
        "invitations/<str:invitation_id>/again/", members.invitation_again, name="invitation_again"
    ),
    path(
        "invitations/<str:invitation_id>/withdraw/",
        members.invitation_withdraw,
        name="invitation_withdraw",
    ),
]

_alliance = [
    path("", alliances.alliance_page, name="alliance"),
    path("edit/", alliances.alliance_edit, name="alliance_edit"),
    path("invite/", alliances.alliance_invite, name="alliance_invite"),
    path("<str:organisation_id>/answer/", alliances.alliance_answer, name="alliance_answer"),
    path("<str:organisation_id>/leave/", alliances.alliance_leave, name="alliance_leave"),
    path("<str:organisation_id>/remove/", alliances.alliance_remove, name="alliance_remove"),
    path("<str:organisation_id>/lead/", alliances.alliance_lead, name="alliance_lead"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include(_own)),
    path("institutions/", directory.institutions, name="institutions"),
    path("organisations/new/", organisations.organisation_new, name="organisation_new"),
    path("organisations/districts/", organisations.districts, name="organisation_districts"),
    path("organisations/<str:public_id>/", include(_organisation)),
    path("invitations/<str:secret>/", members.invitation_page, name="invitation"),
    path("invitations/<str:secret>/accept/", members.invitation_accept, name="invitation_accept"),
    path("alliances/", alliances.alliance_list, name="alliances"),
    path("alliances/new/", alliances.alliance_new, name="alliance_new"),
    path("alliances/<str:public_id>/", include(_alliance)),
    path("operations/verifications/", verification.verification_queue, name="verifications"),
    path(
        "operations/verifications/<str:public_id>/",
        verification.verification_page,
        name="verification",
    ),
    path(
        "verifications/<str:public_id>/evidence/",
        verification.verification_evidence,
        name="verification_evidence",
    ),
]
