"""Addresses of gatherings and of continuing education."""

from django.urls import path

from deals.views import gathering_register, gatherings, training

_ONE = "gatherings/<str:public_id>/"

urlpatterns = [
    path("gatherings/", gatherings.gathering_list, name="gatherings"),
    path("gatherings/desk/", gatherings.desk, name="gathering_desk"),
    path("gatherings/new/", gatherings.new_gathering, name="new_gathering"),
    path("gatherings/qualification/", training.my_qualification, name="my_qualification"),
    path("gatherings/brokers/<str:institution_id>/", training.brokers_page, name="broker_training"),
    path(_ONE, gatherings.gathering_page, name="gathering"),
    path(_ONE + "edit/", gatherings.edit_gathering, name="gathering_edit"),
    path(_ONE + "calendar.ics", gatherings.calendar_file, name="gathering_calendar"),
    path(_ONE + "step/<slug:step>/", gatherings.step, name="gathering_step"),
    path(_ONE + "register/", gathering_register.register_page, name="gathering_register"),
    path(_ONE + "register/csv/", gathering_register.register_file, name="gathering_csv"),
]
