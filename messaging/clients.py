"""Where a request comes from, so that those who ask too often, or guess, are counted together."""

import ipaddress
from typing import cast

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle


def client_address(request: HttpRequest | Request) -> str | None:
    """Whose requests are counted together; None when nobody can tell (a Unix socket).

    Taken as REST_FRAMEWORK["NUM_PROXIES"] says: without a proxy of ours X-Forwarded-For counts for nothing, with one
    only what that proxy added. Of IPv6 the network of 64 bits, for one customer has all of its addresses.
    """
    for address in (BaseThrottle().get_ident(cast("Request", request)), request.META.get("REMOTE_ADDR")):
        if normal := _normal(address or ""):
            return normal
    return None


def _normal(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        # Some proxies add the port.
        host, colon, port = text.strip().rpartition(":")
        return _normal(host) if colon and port.isdecimal() and host.strip("[]") else None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
