"""What is answered below /api/ where nothing is: JSON, as everywhere below it."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt

_NOTHING = "There is nothing at this address. GET /api/v1/ lists what there is."


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:
    """404, or the way to the same address with its last slash.

    Only for reading: Django's own redirect makes a GET of a POST, whose answer looks as if something had been done.
    """
    lacks_slash = not request.path_info.endswith("/") and resolve(f"{request.path_info}/").func is not unknown
    if lacks_slash and request.method in {"GET", "HEAD"}:
        return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
    detail = f"The address ends in a slash: {request.path}/" if lacks_slash else _NOTHING
    return JsonResponse({"detail": detail}, status=404)
