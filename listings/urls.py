"""Addresses of this room's pages."""

from django.urls import URLPattern, URLResolver, path, re_path

from listings.views import (
    browse,
    compare,
    detail,
    documents,
    experts,
    exports,
    feeds,
    imports,
    kept,
    mine,
    posting,
    review,
    searches,
    sources,
)

urlpatterns: list[URLPattern | URLResolver] = [
    # reading
    re_path(
        r"^technologies/feed\.(?P<form>atom|json)$", feeds.technologies, name="technologies_feed"
    ),
    re_path(r"^needs/feed\.(?P<form>atom|json)$", feeds.needs, name="needs_feed"),
    path("technologies/", browse.technologies, name="technologies"),
    path("technologies/export/", exports.technologies, name="technologies_export"),
    path("technologies/<str:public_id>/", detail.technology, name="technology"),
    path("needs/", browse.needs, name="needs"),
    path("needs/export/", exports.needs, name="needs_export"),
    path("needs/<str:public_id>/", detail.need, name="need"),
    path("suggestions/", browse.suggestions, name="suggestions"),
    path("experts/", experts.experts, name="experts"),
    # posting
    path("post/", posting.start, name="post"),
    path("listings/<str:public_id>/edit/", posting.edit, name="edit_listing_start"),
    path("listings/<str:public_id>/edit/<slug:key>/", posting.edit_step, name="edit_listing"),
    path("listings/<str:public_id>/revise/", posting.revise, name="listing_revise"),
    path("listings/<str:public_id>/documents/", documents.add, name="listing_documents"),
    path(
        "listings/<str:public_id>/documents/<str:document_id>/",
        documents.change,
        name="listing_document",
    ),
    path("documents/<str:public_id>/", documents.download, name="document"),
    # what a reader keeps
    path("searches/", searches.index, name="saved_searches"),
    path("searches/new/", searches.new, name="save_search"),
    path("searches/<str:public_id>/", searches.one, name="saved_search"),
    path("searches/<str:public_id>/delete/", searches.delete, name="saved_search_delete"),
    path("kept/", kept.index, name="kept"),
    path("kept/<str:public_id>/", kept.note, name="favourite"),
    path("listings/<str:public_id>/keep/", kept.keep, name="listing_keep"),
    path("compare/", compare.page, name="compare"),
    path("compare/clear/", compare.clear, name="compare_clear"),
    path("seen/forget/", compare.forget, name="forget_seen"),
    path("listings/<str:public_id>/compare/", compare.choose, name="listing_compare"),
    # the owner's side
    path("my/listings/", mine.my_listings_page, name="my_listings"),
    path("my/listings/export/", exports.mine, name="my_listings_export"),
    path("listings/<str:public_id>/submit/", mine.submit, name="listing_submit"),
    path("listings/<str:public_id>/renew/", mine.renew, name="listing_renew"),
    path("listings/<str:public_id>/history/", mine.history, name="listing_history"),
    path("listings/<str:public_id>/move/<slug:name>/", mine.move, name="listing_move"),
    path("renew/<str:token>/", mine.renew_by_link, name="listing_renew_by_link"),
    # files in and out
    path("my/imports/", imports.list_page, name="imports"),
    path("my/imports/template/", imports.template, name="import_template"),
    path("my/imports/<str:public_id>/", imports.run_page, name="import_run"),
    path("my/imports/<str:public_id>/check/", imports.check, name="import_check"),
    path("my/imports/<str:public_id>/start/", imports.start, name="import_start"),
    path("my/imports/<str:public_id>/cancel/", imports.cancel, name="import_cancel"),
    path("my/imports/<str:public_id>/report/", imports.report, name="import_report"),
    path("my/exports/", exports.list_page, name="exports"),
    path("my/exports/<str:public_id>/", exports.run_page, name="export_run"),
    path("my/exports/<str:public_id>/file/", exports.file, name="export_file"),
    # operators: where listings are brought in from
    path("operations/sources/", sources.source_list, name="sources"),
    path("operations/sources/new/", sources.source_edit, name="source_new"),
    path("operations/sources/<str:public_id>/", sources.source_page, name="source"),
    path("operations/sources/<str:public_id>/edit/", sources.source_edit, name="source_edit"),
    path(
        "operations/sources/<str:public_id>/step/<slug:name>/",
        sources.source_step,
        name="source_step",
    ),
    # the review desk
    path("review/", review.desk, name="review_desk"),
    path("review/<str:public_id>/", review.examine, name="review_listing"),
]
