"""The OpenAPI document and its page; the page's script is a file, so the strict CSP holds."""

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_page
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


@method_decorator(cache_page(600), name="dispatch")  # it takes a second to make
class SchemaView(SpectacularAPIView):
    open_to_visitors = True
    throttle_classes = ()


class DocsView(SpectacularSwaggerSplitView):
    template_name = "marketplace/api_docs.html"  # theirs has styles inline
    open_to_visitors = True
    throttle_classes = ()
    url_name = "api_schema"
