"""Addresses of introductions, the broker's desk, cases, referrals, requests, rooms,
disclosures, valuations and income."""

from django.urls import path

from deals import case_work_urls, disclosure_urls, request_urls, room_urls, sale_urls
from deals.views import (
    case_keeping,
    case_pages,
    case_ties,
    cases,
    commissions,
    desk,
    distribution,
    enquiries,
    income,
    pages,
    referrals,
    steps,
    valuation_files,
    valuations,
)

_ONE = "introductions/<str:public_id>/"
_VALUE = "valuations/<str:public_id>/"
_BY = _VALUE + "by/<str:approach>/"
_CASE = "cases/<str:public_id>/"
_INCOME = "income/<str:public_id>/"
_RUN = "income/runs/<str:public_id>/"
_REFERRAL = "referrals/<str:public_id>/"
_COMMISSION = "commissions/<str:public_id>/"
_STATEMENT = "income/statements/<str:public_id>/"

urlpatterns = [
    *room_urls.urlpatterns,
    *disclosure_urls.urlpatterns,
    *case_work_urls.urlpatterns,
    *sale_urls.urlpatterns,
    *request_urls.urlpatterns,
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
    path("valuations/", valuations.valuation_list, name="valuations"),
    path("valuations/begin/", valuations.begin, name="begin_valuation"),
    path(_VALUE, valuations.valuation_page, name="valuation"),
    path(_BY, valuations.edit_approach, name="valuation_approach"),
    path(_BY + "remove/", valuations.remove_approach, name="valuation_remove"),
    path(_BY + "simulate/", valuations.simulate, name="valuation_simulate"),
    path(_BY + "simulation/", valuations.simulation, name="valuation_simulation"),
    path(_VALUE + "final/", valuations.finalise, name="valuation_finalise"),
    path(_VALUE + "copy/", valuations.copy, name="valuation_copy"),
    path(_VALUE + "report/", valuation_files.report, name="valuation_report"),
    path(_VALUE + "report.pdf", valuation_files.report_pdf, name="valuation_pdf"),
    path(_VALUE + "figures.csv", valuation_files.figures_csv, name="valuation_csv"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/board/", cases.case_board, name="case_board"),
    path("cases/board/move/", cases.move, name="case_board_move"),
    path("cases/bulk/", cases.bulk, name="cases_bulk"),
    path("cases/cases.csv", cases.export, name="cases_export"),
    path("cases/barriers/", cases.barriers, name="case_barriers"),
    path("cases/views/", case_keeping.save_view, name="case_views"),
    path("cases/views/<str:public_id>/delete/", case_keeping.delete_view, name="case_view_delete"),
    path("cases/calendar/", case_keeping.calendar_page, name="case_calendar"),
    path("cases/calendar/<str:secret>.ics", case_keeping.calendar_feed, name="case_calendar_feed"),
    path("cases/new/", case_pages.new_case, name="new_case"),
    path("cases/tasks/<str:task_id>/", case_pages.task_done, name="case_task_done"),
    path("cases/tasks/<str:task_id>/edit/", case_ties.edit_task, name="case_task_edit"),
    path(_CASE, case_pages.case_page, name="case"),
    path(_CASE + "edit/", case_pages.edit_case, name="case_edit"),
    path(_CASE + "move/", case_pages.move, name="case_move"),
    path(_CASE + "note/", case_pages.note, name="case_note"),
    path(_CASE + "tasks/", case_pages.add_task, name="case_tasks"),
    path(_CASE + "defer/", case_pages.defer, name="case_defer"),
    path(_CASE + "close/", case_pages.close, name="case_close"),
    path(_CASE + "again/", case_pages.again, name="case_again"),
    path(_CASE + "ties/<slug:kind>/", case_ties.tie, name="case_tie"),
    path(_CASE + "parts/<slug:kind>/", case_pages.add_part, name="case_part"),
    path(
        _CASE + "parts/<slug:kind>/<str:part_id>/remove/",
        case_pages.remove_part,
        name="case_part_remove",
    ),
    path("referrals/", referrals.board_page, name="referrals"),
    path("referrals/new/", referrals.new_referral, name="new_referral"),
    path(
        "referrals/alliances/<str:alliance_id>/terms/", referrals.terms_page, name="alliance_terms"
    ),
    path(_REFERRAL, referrals.referral_page, name="referral"),
    path(_REFERRAL + "step/<slug:step>/", referrals.step, name="referral_step"),
    path(_CASE + "commission/", commissions.case_page, name="case_commission"),
    path(_CASE + "commission/terms/", commissions.terms_page, name="case_commission_terms"),
    path(_COMMISSION, commissions.statement_page, name="commission"),
    path(_COMMISSION + "csv/", commissions.statement_file, name="commission_csv"),
    path(_COMMISSION + "step/<slug:step>/", commissions.statement_step, name="commission_step"),
    path("income/", income.account_list, name="income"),
    path("income/open/", income.open_page, name="income_open"),
    path("income/statements/", distribution.statement_list, name="income_statements"),
    path(_STATEMENT, distribution.statement_page, name="income_statement"),
    path(_STATEMENT + "pdf/", distribution.statement_file, name="income_statement_pdf"),
    path(_RUN, distribution.run_page, name="income_run"),
    path(_RUN + "csv/", distribution.run_file, name="income_run_csv"),
    path(_RUN + "step/<slug:step>/", distribution.run_step, name="income_run_step"),
    path(_INCOME, income.account_page, name="income_account"),
    path(_INCOME + "receipts/", income.receipt_page, name="income_receipt"),
    path(
        _INCOME + "receipts/<str:receipt_id>/reverse/",
        income.reverse_receipt_page, name="income_receipt_reverse",
    ),
    path(_INCOME + "costs/", income.cost_page, name="income_cost"),
    path(
        _INCOME + "costs/<str:cost_id>/reverse/",
        income.reverse_cost_page, name="income_cost_reverse",
    ),
    path(_INCOME + "inventors/", income.inventors_page, name="income_inventors"),
    path(_INCOME + "scheme/", income.scheme_page, name="income_scheme"),
    path(_INCOME + "run/", distribution.draft_page, name="income_draft"),
]  # fmt: skip
