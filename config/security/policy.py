"""The Content-Security-Policy of a page of our own, directive by directive."""

from csp.constants import NONE, SELF

DIRECTIVES = {
    "default-src": (NONE,),
    "script-src": (SELF,),
    "style-src": (SELF,),
    "img-src": (SELF,),
    "font-src": (SELF,),
    "connect-src": (SELF,),
    "form-action": (SELF,),
    "base-uri": (NONE,),
    "object-src": (NONE,),
    "frame-ancestors": (NONE,),
}
