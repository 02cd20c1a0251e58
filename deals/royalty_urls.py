"""Addresses of royalty statements."""

from django.urls import path

from deals.views import royalties

_ONE = "royalties/<str:public_id>/"

urlpatterns = [
    path("royalties/", royalties.period_list, name="royalties"),
    path(_ONE, royalties.period_page, name="royalty"),
    path(_ONE + "statement/", royalties.statement_page, name="royalty_statement"),
    path(_ONE + "accept/", royalties.answer_page, {"step": "accept"}, name="royalty_accept"),
    path(_ONE + "query/", royalties.answer_page, {"step": "query"}, name="royalty_query"),
]
