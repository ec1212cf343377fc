"""What browsers are told: Content-Security-Policy and Permissions-Policy, on every answer of Django.

settings.CONTENT_SECURITY_POLICY is the strict policy; here is what other people's pages need beyond it. No page has
inline scripts, and none may have any. Unfold's pages need three relaxations: its Alpine evaluates the expressions in
its own templates ('unsafe-eval'), sizes are set as style attributes, and some style elements are inline. Those are
named by hash, so that no other may be added.
"""

from http import HTTPStatus

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Inline style elements of other people's templates. tests/security/test_headers.py says what to put here when an
# update of one of them changes its text.
UNFOLD_STYLES = (
    # Colours of the theme, Unfold's own.
    "'sha256-CftXQ/6rIQ3AMOrJUsQzoK+KGLgk4scJJlfXyvE/1mQ='",
    # Lists without actions.
    "'sha256-+MEQ/O07HiRf96s+FyiSQj7xKrHjGPZWCed2MyGUBF4='",
    # What htmx adds for its indicators.
    "'sha256-bsV5JivYxvGywDAZ22EZJKBFip65Ng9xoJVLbBg7bdo='",
)
SWAGGER_STYLES = ("'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='",)

ADMIN = {
    "script-src": (UNSAFE_EVAL,),
    "style-src": UNFOLD_STYLES,
    "style-src-attr": (UNSAFE_INLINE,),
    # Icons within Unfold's own style sheet.
    "img-src": ("data:",),
}
DOCS = {"style-src": SWAGGER_STYLES, "img-src": ("data:",)}

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()" for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)


class Headers(CSPMiddleware):
    """django-csp's middleware, with a policy for each kind of page. A view that sets its own policy keeps it."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """The strict policy, and what the page's templates need beyond it."""
        parts = super().get_policy_parts(request, response, report_only)
        match = request.resolver_match
        # A request that Django refused before it knew where it was going has no match.
        if match is not None and response.status_code != HTTPStatus.NOT_MODIFIED:
            parts.update = ADMIN if match.app_name == "admin" else DOCS if match.view_name == "docs" else parts.update
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the headers."""
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return super().process_response(request, response)
