"""Addresses of this room's pages."""

from django.urls import URLPattern, URLResolver, path

from matching.views import answers, ask, inbox, triage

urlpatterns: list[URLPattern | URLResolver] = [
    path("ask/", ask.ask_page, name="ask"),
    path("ask/post/", ask.ask_post, name="ask_post"),
    path("matches/", inbox.matches_page, name="matches"),
    path("matches/triage/", triage.triage_page, name="match_triage"),
    path("matches/<str:public_id>/", inbox.match_page, name="match"),
    path("matches/<str:public_id>/answer/", answers.answer_page, name="match_answer"),
]
