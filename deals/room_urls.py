"""Addresses of deal rooms."""

from django.urls import path

from deals.views import room_files, room_offers, rooms

_ONE = "rooms/<str:public_id>/"

urlpatterns = [
    path("introductions/<str:public_id>/room/", rooms.open_room, name="introduction_room"),
    path("rooms/", rooms.room_list, name="rooms"),
    path("rooms/new/", rooms.new_room, name="room_new"),
    path(_ONE, rooms.room_page, name="room"),
    path(_ONE + "nda/", rooms.agreement, name="room_nda"),
    path(_ONE + "messages/", rooms.post_message, name="room_messages"),
    path(_ONE + "news/", rooms.news, name="room_news"),
    path(_ONE + "people/", rooms.give_seat, name="room_seats"),
    path(_ONE + "people/<str:seat_id>/end/", rooms.end_seat, name="room_seat_end"),
    path(_ONE + "close/", rooms.close_room, name="room_close"),
    path(_ONE + "offers/", room_offers.offers, name="room_offers"),
    path(_ONE + "offers/new/", room_offers.write, name="room_offer_new"),
    path(_ONE + "offers/<str:offer_id>/", room_offers.write, name="room_offer"),
    path(_ONE + "offers/<str:offer_id>/<slug:name>/", room_offers.step, name="room_offer_step"),
    path(_ONE + "contract/", room_offers.contract, name="room_contract"),
    path(_ONE + "documents/", room_files.put, name="room_documents"),
    path(
        _ONE + "documents/<str:room_document_id>/<int:number>/", room_files.document,
        name="room_document",
    ),
    path(
        _ONE + "documents/<str:room_document_id>/withdraw/", room_files.withdraw,
        name="room_document_withdraw",
    ),
]  # fmt: skip
