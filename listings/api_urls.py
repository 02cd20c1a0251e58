"""Routes of this room under /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from listings.api.documents import DocumentViewSet
from listings.api.exchange import ExportViewSet, ImportViewSet
from listings.api.experts import ExpertsView
from listings.api.listings import NeedViewSet, ReviewViewSet, TechnologyViewSet
from listings.api.saved import FavouriteViewSet, SavedSearchViewSet
from listings.api.search import SearchView, SuggestionsView
from listings.api.sources import SourceViewSet
from marketplace.core.replicas import may_lag

router = SimpleRouter()
router.register("technologies", TechnologyViewSet, basename="technology")
router.register("needs", NeedViewSet, basename="need")
router.register("documents", DocumentViewSet, basename="document")
router.register("reviews", ReviewViewSet, basename="review")
router.register("imports", ImportViewSet, basename="import")
router.register("exports", ExportViewSet, basename="export")
router.register("saved-searches", SavedSearchViewSet, basename="saved-search")
router.register("favourites", FavouriteViewSet, basename="favourite")
router.register("operations/sources", SourceViewSet, basename="source")
urlpatterns = [
    path("experts/", may_lag(ExpertsView.as_view()), name="experts-list"),
    path("search/", may_lag(SearchView.as_view()), name="search-list"),
    path("suggestions/", may_lag(SuggestionsView.as_view()), name="suggestions-list"),
    *router.urls,
]
