"""Where a webhook may go. Pure: what a name resolves to is asked elsewhere.

Whoever may add an endpoint decides where a server inside the network connects to, and reads the beginning of the
answer. So only addresses of the public internet are called, unless an operator has named others
(WEBHOOKS_ALLOWED_NETWORKS), and what hands out credentials to any caller never is.

The ranges: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890),
https://www.iana.org/assignments/iana-ipv4-special-registry/ and …/iana-ipv6-special-registry/ .
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 500
_NOT_PUBLIC_4 = tuple(
    IPv4Network(one)
    for one in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
# Global unicast is 2000::/3 (RFC 4291); the rest is loopback, link-local, unique local, multicast, or nobody's.
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# Addresses that are written as IPv6 and lead to an IPv4 address, in their last four bytes (RFC 4291, RFC 6052).
_WRAPPING = tuple(IPv6Network(one) for one in ("::ffff:0:0/96", "64:ff9b::/96", "::/96"))
# Not even if an operator allows all there is: services that give a machine's credentials to any process on it (EC2,
# ECS, Azure and Google at link-local addresses, EC2 by IPv6, Alibaba), and what is no single machine.
_NEVER: tuple[Network, ...] = (
    *(IPv4Network(one) for one in ("0.0.0.0/32", "169.254.0.0/16", "100.100.100.200/32", "224.0.0.0/4")),
    IPv4Network("255.255.255.255/32"),
    *(IPv6Network(one) for one in ("::/128", "fe80::/10", "fec0::/10", "fd00:ec2::/32", "ff00::/8")),
)
_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?", re.IGNORECASE)
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)


class Refused(ValueError):
    """A request must not go there; the sentence says why, for people."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator allows.

    Attributes:
        http: plain HTTP as well: for development.
        ports: the ports that may be called.
        networks: networks that are called although they are not public.
    """

    http: bool = False
    ports: Collection[int] = (443, 8443)
    networks: Sequence[Network] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, taken apart.

    Attributes:
        host: the name or address, as TLS and the header Host have it.
        path: path and query, never empty.
    """

    is_https: bool
    host: str
    port: int
    path: str

    @property
    def header(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_https else 80) else f"{host}:{self.port}"


def networks(texts: Collection[str]) -> tuple[Network, ...]:
    """Networks as they are written: 10.0.0.0/8, fd12:3456::/32, 192.0.2.7.

    Raises:
        ValueError: one of them is none.
    """
    return tuple(ip_network(one) for one in texts)


def parse(url: str, rules: Rules) -> Target:
    """Take a URL apart, if a webhook may go to something that is written so. No name is resolved.

    Raises:
        Refused: not https, a port that is not allowed, a name and password in it, or not a URL at all.
    """
    if len(url) > LONGEST_URL:
        raise Refused(f"A URL has at most {LONGEST_URL} characters.")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("Write the URL without spaces and only with ASCII: other letters of a name as xn--…, else as %….")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise Refused("This is no URL.") from problem
    is_https = _scheme(parts, rules)
    if parts.username is not None or parts.password is not None:
        raise Refused("Leave out the name and password: the signature proves who sends.")
    if parts.fragment or "#" in url:
        raise Refused("Leave out the # and what comes after it: it is never sent.")
    port = port if port is not None else 443 if is_https else 80
    if port not in rules.ports:
        allowed = ", ".join(map(str, sorted(rules.ports)))
        raise Refused(f"Port {port} is not allowed. Allowed: {allowed} (WEBHOOKS_PORTS).")
    host = _host(parts, rules)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(is_https, host, port, path)


def _scheme(parts: SplitResult, rules: Rules) -> bool:
    if parts.scheme == "https":
        return True
    if parts.scheme == "http" and rules.http:
        return False
    raise Refused("The URL must begin with https://.")


def _host(parts: SplitResult, rules: Rules) -> str:
    host = parts.hostname or ""
    address = _literal(host)
    if address is not None:
        check(address, rules)
        return host
    # 127.1, 0x7f.1 and 2130706433 are addresses to a resolver.
    if len(host) > 253 or not _HOST.fullmatch(host) or _NUMERIC.fullmatch(host.rsplit(".", 1)[-1] or host):
        raise Refused("The URL has no host that is written as a name or an address.")
    return host.rstrip(".")


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def check(address: Address, rules: Rules) -> None:
    """Whether a connection to this address may be made.

    Raises:
        Refused: it is not public, and not in a network that the operator allows.
    """
    meant = _meant(address)
    if any(_in(meant, one) for one in _NEVER):
        raise Refused(f"{address} is never called: it is link-local, multicast, or gives out credentials.")
    if any(_in(one, network) for one in (meant, address) for network in rules.networks):
        return
    if not _is_public(meant):
        raise Refused(
            f"{address} is not an address of the public internet. Is the receiver inside? Name its network in "
            "WEBHOOKS_ALLOWED_NETWORKS."
        )


def _meant(address: Address) -> Address:
    """The address that a connection ends at."""
    if isinstance(address, IPv6Address):
        if address.scope_id:
            address = IPv6Address(int(address))
        # ::1 and :: are addresses of their own, not IPv4 in disguise.
        if int(address) > 1 and any(address in network for network in _WRAPPING):
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _in(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)
