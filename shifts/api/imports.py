"""Importing a CSV file of employees into a segment, in one request."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.files.base import ContentFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.mediatypes import media_type_matches

from messaging.api.errors import TryAgain
from messaging.outbound.guards import CannotBeTold
from shifts import roster
from shifts.roster.decoding import LARGEST

logger = logging.getLogger(__name__)

# What a multipart body has around its file.
_AROUND = 65_536
_TRUTH = {"true": True, "false": False}


class ImportedSerializer(serializers.Serializer[Any]):
    """What an import did, or would do. ``rows`` is the sum of created, updated and unchanged."""

    rows = serializers.IntegerField(help_text="Lines with somebody on them, those skipped left out.")
    created = serializers.IntegerField(help_text="New employees.")
    updated = serializers.IntegerField(help_text="Employees with something new, or new in the segment.")
    unchanged = serializers.IntegerField(help_text="Lines that change nothing.")
    skipped = serializers.IntegerField(help_text="Lines of Pinpoint's for another channel than SMS.")
    opted_out = serializers.IntegerField(
        help_text="People who have opted out in Pinpoint. That is recorded at /consent/; nobody texts them."
    )
    duplicates = serializers.IntegerField(help_text="Lines that name a number again.")


class OptOutsNotRecorded(TryAgain):
    """Consent cannot be written now."""

    default_detail = "It cannot be recorded now who has opted out. Nothing is imported. Send the file again later."
    default_code = "opt_outs_not_recorded"


class FileRefused(APIException):
    """There are errors in the file. They are told by line."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "file_refused"

    def __init__(self, errors: list[dict[str, Any]], total: int) -> None:
        first = errors[0]
        super().__init__(
            f"Line {first['line']}: {first['message']}" + (f" (and {total - 1} more)" if total > 1 else "")
        )
        self.members = {"errors": errors, "total": total}


class CsvParser(BaseParser):
    """A CSV file as the body."""

    media_type = "text/csv"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        """As if it came in a form. One byte too many is read, and refused with the other errors of files."""
        file = ContentFile(stream.read(LARGEST + 1), name="")
        return DataAndFiles(QueryDict(mutable=True), MultiValueDict({"file": [file]}))


class FileParser(MultiPartParser):
    """A multipart body, unless it is far too large to be looked at."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The fields and files."""
        length = stream.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > LARGEST + _AROUND:
            raise ValidationError({"file": [f"The file is larger than {LARGEST // 1_048_576} MB. Split it."]})
        return super().parse(stream, media_type, parser_context)


class ImportsFiles:
    """The import, for the view of segments. With a permission of its own: it adds, changes and approves many people."""

    action_perms = {"import_list": "shifts.add_rosterimport"}
    # Who has opted out is recorded before, in transactions of its own. Imported again, a file changes nothing.
    apart = frozenset({"import_list"})

    @extend_schema(
        summary="Import a CSV file into a segment",
        request={
            "text/csv": {"type": "string", "format": "binary"},
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
                "required": ["file"],
            },
        },
        parameters=[OpenApiParameter("dry_run", bool, description="true: only report what the import would do.")],
        responses={
            200: ImportedSerializer,
            503: OpenApiResponse(
                description="Opt-outs cannot be recorded now; nothing is imported. Send it again later."
            ),
        },
    )
    @action(detail=True, methods=["post"], url_path="import", parser_classes=[CsvParser, FileParser], url_name="import")
    def import_list(self, request: Request, name: str) -> Response:
        """Everybody in the file is an employee and in the segment afterwards; the segment is made when there is none.

        Columns name, phone_number, approved, language (only phone_number must be there), or those of Amazon Pinpoint.
        With one error nothing is imported. People with OptOut ALL are recorded as opted out of every number of ours,
        before anybody is imported.
        """
        dry_run = _dry_run(request)
        content = _content(request)
        try:
            if dry_run:
                report = roster.check(content, segment=name)
            else:
                report = roster.run(content, segment=name, actor=request.user.get_username())
        except DjangoValidationError as problem:
            raise ValidationError({"segment": problem.messages}) from problem
        except CannotBeTold as problem:
            logger.exception("Nobody is imported into %s", name)
            raise OptOutsNotRecorded from problem
        if report.errors_total:
            raise FileRefused([problem.as_dict() for problem in report.errors], report.errors_total)
        return Response(report.counts())


def _dry_run(request: Request) -> bool:
    for name, values in request.query_params.lists():
        if name != "dry_run":
            raise ValidationError({name: ["There is no such parameter. There are: dry_run."]})
        if len(values) > 1 or values[0].lower() not in _TRUTH:
            raise ValidationError({name: ["Write true or false, once."]})
    return _TRUTH[request.query_params.get("dry_run", "false").lower()]


def _content(request: Request) -> bytes:
    if not request.data and media_type_matches("text/csv", request.content_type):
        # Nothing is parsed where there is nothing.
        return b""
    unknown = [name for name in request.data if name != "file"]
    if unknown:
        raise ValidationError({name: ["There is no such field."] for name in unknown})
    files = request.FILES.getlist("file")
    if len(files) != 1:
        raise ValidationError(
            {"file": ["Give one file, in the field file; or send the file as a body of type text/csv."]}
        )
    content: bytes = files[0].read(LARGEST + 1)
    return content
