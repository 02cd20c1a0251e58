"""Addresses of this room's pages."""

from django.urls import URLPattern, URLResolver, path

from matching.views import answers, inbox, triage

urlpatterns: list[URLPattern | URLResolver] = [
    path("matches/", inbox.matches_page, name="matches"),
    path("matches/triage/", triage.triage_page, name="match_triage"),
    path("matches/<str:public_id>/", inbox.match_page, name="match"),
    path("matches/<str:public_id>/answer/", answers.answer_page, name="match_answer"),
    path("matches/<str:public_id>/undo/", answers.undo_page, name="match_undo"),
]
