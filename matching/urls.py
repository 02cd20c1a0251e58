"""Addresses of this room's pages."""

from django.urls import URLPattern, URLResolver, path

from matching.views import answers, ask, inbox, mandates, proposals, triage

urlpatterns: list[URLPattern | URLResolver] = [
    path("ask/", ask.ask_page, name="ask"),
    path("ask/post/", ask.ask_post, name="ask_post"),
    path("matches/", inbox.matches_page, name="matches"),
    path("matches/triage/", triage.triage_page, name="match_triage"),
    path("matches/triage/answer/", triage.answer_page, name="match_triage_answer"),
    path("matches/triage/propose/", proposals.propose_page, name="match_propose"),
    path("matches/triage/why/", proposals.why_page, name="match_why"),
    path(
        "organisations/<str:public_id>/mandates/",
        mandates.mandates_page,
        name="organisation_mandates",
    ),
    path(
        "organisations/<str:public_id>/mandates/<str:mandate_id>/withdraw/",
        mandates.mandate_withdraw,
        name="mandate_withdraw",
    ),
    path("matches/<str:public_id>/", inbox.match_page, name="match"),
    path("matches/<str:public_id>/answer/", answers.answer_page, name="match_answer"),
    path("matches/<str:public_id>/undo/", answers.undo_page, name="match_undo"),
]
