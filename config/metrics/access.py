"""Who may read /metrics: what business is done, on which numbers, is nobody else's affair. Pure."""

import hmac
import ipaddress
from collections.abc import Sequence

_SCHEME = "bearer"


def may_read(
    *, authorization: str, address: str | None, token: str, allowed: Sequence[str], forwarded: bool = False
) -> bool:
    """Whether somebody may.

    Args:
        authorization: the header: ``Bearer …`` (RFC 6750), as Prometheus sends it.
        address: where the connection comes from; None when nobody can tell.
        token: METRICS_TOKEN; without one nobody is let in by a token.
        allowed: METRICS_ALLOWED, networks as ipaddress reads them.
        forwarded: whether a proxy passed the request on: whoever asked it is not where the connection comes from.
    """
    scheme, _, given = authorization.strip().partition(" ")
    if token and scheme.lower() == _SCHEME and hmac.compare_digest(given.strip().encode(), token.encode()):
        return True
    if forwarded or address is None:
        return False
    try:
        where = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(where, ipaddress.IPv6Address) and where.ipv4_mapped is not None:
        where = where.ipv4_mapped
    return any(where in ipaddress.ip_network(network, strict=False) for network in allowed)
