from django.urls import path

from marketplace.core.api.codes import CodeLists, CodeListView

urlpatterns = [
    path("codes/", CodeLists.as_view(), name="code-list"),
    path("codes/<str:name>/", CodeListView.as_view(), name="code-detail"),
]
