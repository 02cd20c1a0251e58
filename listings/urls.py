"""Addresses of this room's pages."""

from django.urls import URLPattern, URLResolver, path

from listings.views import browse, detail, documents, mine, posting, review

urlpatterns: list[URLPattern | URLResolver] = [
    # reading
    path("technologies/", browse.technologies, name="technologies"),
    path("technologies/<str:public_id>/", detail.technology, name="technology"),
    path("needs/", browse.needs, name="needs"),
    path("needs/<str:public_id>/", detail.need, name="need"),
    path("suggestions/", browse.suggestions, name="suggestions"),
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
    # the owner's side
    path("my/listings/", mine.my_listings_page, name="my_listings"),
    path("listings/<str:public_id>/submit/", mine.submit, name="listing_submit"),
    path("listings/<str:public_id>/renew/", mine.renew, name="listing_renew"),
    path("listings/<str:public_id>/history/", mine.history, name="listing_history"),
    path("listings/<str:public_id>/move/<slug:name>/", mine.move, name="listing_move"),
    path("renew/<str:token>/", mine.renew_by_link, name="listing_renew_by_link"),
    # the review desk
    path("review/", review.desk, name="review_desk"),
    path("review/<str:public_id>/", review.examine, name="review_listing"),
]
