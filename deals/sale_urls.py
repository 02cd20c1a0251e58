"""Addresses of tenders and auctions."""

from django.urls import path

from deals.views import sale_steps, sales

_ONE = "tenders/<str:public_id>/"

urlpatterns = [
    path("tenders/", sales.sale_list, name="sales"),
    path("tenders/mine/", sales.own_list, name="own_sales"),
    path("tenders/new/", sales.new_sale, name="sale_new"),
    path("tenders/keys/", sales.keys_file, name="sale_keys"),
    path(_ONE, sales.sale_page, name="sale"),
    path(_ONE + "news/", sales.news, name="sale_news"),
    path(_ONE + "result.json", sales.result_file, name="sale_result"),
    path(_ONE + "edit/<slug:step>/", sales.edit_sale, name="sale_edit"),
    path(_ONE + "key/", sale_steps.take_key, name="sale_key"),
    path(_ONE + "announce/", sale_steps.announce, name="sale_announce"),
    path(_ONE + "apply/", sale_steps.apply, name="sale_apply"),
    path(_ONE + "bidders/", sale_steps.bidders, name="sale_bidders"),
    path(_ONE + "bidders/<str:bidder_id>/", sale_steps.bidder, name="sale_bidder"),
    path(_ONE + "proxies/", sale_steps.proxies, name="sale_proxies"),
    path(_ONE + "proxies/<str:proxy_id>/end/", sale_steps.end_proxy, name="sale_proxy_end"),
    path(_ONE + "bid/", sale_steps.bid, name="sale_bid"),
    path(_ONE + "seal/", sale_steps.seal, name="sale_seal"),
    path(_ONE + "open/", sale_steps.open_bids, name="sale_open"),
    path(_ONE + "reveal/", sale_steps.reveal, name="sale_reveal"),
    path(_ONE + "step/<slug:name>/", sale_steps.step, name="sale_step"),
]
