"""What the API reads from bodies."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException
from rest_framework.parsers import JSONParser


class BodyTooLarge(APIException):
    """More JSON than any resource of ours is."""

    status_code = 413
    default_detail = (
        f"A JSON body may have {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes. Lists go as CSV to segments/…/import/."
    )
    default_code = "too_large"


class JSON(JSONParser):
    """JSON of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes: Django's own limit is not for bodies read as a stream."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The value that the body says.

        Raises:
            BodyTooLarge: by its Content-Length, which the server has held the body to.
        """
        request = (parser_context or {}).get("request")
        length = request.META.get("CONTENT_LENGTH") if request is not None else None
        if str(length or "0").isdigit() and int(length or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge
        return super().parse(stream, media_type, parser_context)
