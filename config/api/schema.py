"""The OpenAPI schema, made once: it is open to anybody, and takes a second of processor time to make."""

from functools import cache
from threading import Lock
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

_one_at_a_time = Lock()


class Schema(SpectacularAPIView):
    """OpenAPI 3, as YAML or JSON."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The same for everybody: what needs a permission says so."""
        renderer: Any = request.accepted_renderer
        with _one_at_a_time:
            content = _rendered(type(renderer))  # type: ignore[arg-type]
        return HttpResponse(content, content_type=renderer.media_type)


@cache
def _rendered(renderer: Any) -> str | bytes:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    content: str | bytes = renderer().render(schema, renderer_context={})
    return content
