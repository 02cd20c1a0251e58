"""Addresses of the register."""

from django.urls import URLPattern, URLResolver, path, register_converter
from django.urls.converters import StringConverter

from contracts.views import (
    amounts,
    catalogues,
    certificates,
    classification,
    desk,
    drafting,
    files,
    hits,
    imports,
    mine,
    model_contracts,
    questions,
    register,
    register_files,
    relief,
    review,
    rule_sets,
    screening,
    terms,
    workload,
)


class PublicIdConverter(StringConverter):
    regex = "[0-9A-Z]{10}"


class NumberConverter(StringConverter):
    regex = "[0-9]{16}"


register_converter(PublicIdConverter, "contract_id")
register_converter(NumberConverter, "contract_number")

_ONE = "contracts/<contract_id:public_id>/"
_FILE = "registrar/contracts/<contract_id:public_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("contracts/", mine.my_contracts, name="contracts"),
    path("contracts/new/", drafting.new_contract, name="new_contract"),
    path("contracts/type/", classification.contract_type, name="contract_type"),
    path("contracts/amounts/", amounts.live_amounts, name="contract_amounts"),
    path(_ONE, mine.contract_page, name="contract"),
    path(_ONE + "schedule/", terms.live_schedule, name="contract_schedule"),
    path(_ONE + "edit/", drafting.edit_contract, name="edit_contract"),
    path(_ONE + "submit/", mine.submit_page, name="submit_contract"),
    path(_ONE + "withdraw/", mine.withdraw_page, name="withdraw_contract"),
    path(_ONE + "amend/", mine.amend_page, name="amend_contract"),
    path(_ONE + "copy/", mine.copy_page, name="copy_contract"),
    path(_ONE + "cancel/", mine.cancel_page, name="cancel_contract"),
    path(_ONE + "certificate/", certificates.certificate_page, name="certificate"),
    path(_ONE + "certificate/pdf/", certificates.certificate_pdf, name="certificate_pdf"),
    path(_ONE + "model.<slug:form>", model_contracts.model_contract, name="model_contract"),
    path(_ONE + "files/<contract_id:file_id>/", files.file_page, name="contract_file"),
    path("contracts/import/", imports.imports_page, name="contract_imports"),
    path("contracts/import/template/", imports.import_template, name="contract_import_template"),
    path("contracts/import/<contract_id:public_id>/", imports.import_page, name="contract_import"),
    path("contracts/import/<contract_id:public_id>/report/", imports.import_report,
         name="contract_import_report"),
    path("contracts/import/<contract_id:public_id>/run/", imports.run_import_page,
         name="run_contract_import"),
    path("contracts/import/<contract_id:public_id>/cancel/", imports.cancel_import_page,
         name="cancel_contract_import"),
    path("contracts/submit-complete/", imports.submit_complete, name="submit_complete"),
    path("contracts/relief/", relief.year_page, name="relief_of_year"),
    path(_ONE + "relief/", relief.contract_relief, name="contract_relief"),
    path(_ONE + "review/", review.review_page, name="contract_review"),
    path(_ONE + "questions/<contract_id:question_id>/", questions.answer_page,
         name="answer_question"),
    path(_ONE + "answers/<contract_id:answer_id>/", questions.answer_file_page,
         name="answer_file"),
    path("registrar/", desk.registrar_desk, name="registrar_desk"),
    path("registrar/points/<contract_id:public_id>/", desk.point_settings, name="point_settings"),
    path("registrar/points/<contract_id:public_id>/workload/", workload.workload_page,
         name="workload"),
    path("registrar/points/<contract_id:public_id>/workload.csv", workload.workload_file,
         name="workload_file"),
    path(_FILE, desk.examine_page, name="examine_contract"),
    path(_FILE + "<slug:step>/", desk.desk_step, name="desk_step"),
    path("register/", register.register_page, name="register"),
    path("register/rules/", rule_sets.rule_sets_page, name="rule_sets"),
    path("register/rules/<slug:rules_code>/", rule_sets.rule_set_page, name="rule_set"),
    path("register/export.csv", register_files.register_file, name="register_file"),
    path(
        "register/organisations/<contract_id:public_id>/",
        register_files.organisation_register,
        name="organisation_register",
    ),
    path("register/<contract_number:number>/", register.register_entry, name="register_entry"),
    path("certificates/", certificates.check_page, name="check_certificate"),
    path("certificates/keys/", certificates.keys_page, name="seal_keys"),
    path(".well-known/yizhan-seal-keys.json", certificates.keys_file, name="seal_keys_file"),
    path("c/<contract_number:number>/<str:code>/", certificates.check_code_page,
         name="check_certificate_code"),
    # export and import screening
    path("contracts/screening/", screening.screening_page, name="screening"),
    path("contracts/catalogues/", catalogues.catalogues_page, name="catalogues"),
    path("contracts/catalogues/<contract_id:public_id>/", catalogues.catalogue_page,
         name="catalogue"),
    path(_ONE + "screening/", screening.check_draft, name="check_draft"),
    path(_FILE + "hits/<int:hit_id>/", hits.hit_page, name="screening_hit"),
]  # fmt: skip
