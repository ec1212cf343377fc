"""The project's addresses and an empty page behind the same server and middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.urls import urlpatterns as ours


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    """Answer 200 with nothing, whatever is posted."""
    return HttpResponse()


urlpatterns = [*ours, path("empty/", empty)]
