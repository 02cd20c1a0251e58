"""Addresses of disclosures."""

from django.urls import path

from deals.views import disclosure_steps, disclosures

_ONE = "disclosures/<str:public_id>/"

urlpatterns = [
    path("disclosures/", disclosures.disclosure_list, name="disclosures"),
    path("disclosures/inbox/", disclosures.inbox_page, name="disclosure_inbox"),
    path("disclosures/informal/", disclosures.informal, name="disclosures_informal"),
    path("disclosures/new/", disclosure_steps.new_disclosure, name="new_disclosure"),
    path("disclosures/sign/<str:secret>/", disclosures.sign_by_link_page, name="disclosure_link"),
    path(_ONE, disclosures.disclosure_page, name="disclosure"),
    path(_ONE + "what/", disclosure_steps.edit_what, name="disclosure_what"),
    path(_ONE + "inventors/", disclosure_steps.edit_inventors, name="disclosure_inventors"),
    path(_ONE + "background/", disclosure_steps.edit_background, name="disclosure_background"),
    path(_ONE + "delete/", disclosures.delete, name="disclosure_delete"),
    path(_ONE + "ask/", disclosures.ask, name="disclosure_ask"),
    path(_ONE + "links/<str:inventor_id>/", disclosures.link_again, name="disclosure_link_again"),
    path(_ONE + "signature/", disclosures.sign_in_person_page, name="disclosure_sign"),
    path(_ONE + "decide/<slug:decision>/", disclosures.decide, name="disclosure_decide"),
]
