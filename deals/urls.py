"""Addresses of introductions and of the broker's desk."""

from django.urls import path

from deals.views import desk, enquiries, pages, steps

_ONE = "introductions/<str:public_id>/"

urlpatterns = [
    path("introductions/", pages.introduction_list, name="introductions"),
    path("introductions/unnamed/", enquiries.ask_unnamed_page, name="ask_unnamed"),
    path("introductions/ask/<str:public_id>/", pages.ask, name="ask_introduction"),
    path(_ONE, pages.introduction_page, name="introduction"),
    path(_ONE + "messages/", steps.post_message, name="introduction_messages"),
    path(_ONE + "thread/", pages.thread, name="introduction_thread"),
    path(_ONE + "nda/", steps.nda, name="introduction_nda"),
    path(_ONE + "close/", steps.close, name="introduction_close"),
    path(_ONE + "contract/", steps.contract, name="introduction_contract"),
    path(_ONE + "step/<slug:name>/", steps.step, name="introduction_step"),
    path("desk/", desk.desk, name="desk"),
    path("desk/pair/", desk.bring_together, name="desk_pair"),
    path("desk/<str:public_id>/claim/", desk.claim_request, name="desk_claim"),
]
