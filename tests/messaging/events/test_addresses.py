"""Where a webhook may go: tables of URLs and addresses."""

from ipaddress import ip_address

import pytest

from messaging.events import addresses
from messaging.events.addresses import Refused, Rules, Target, check, networks, parse

RULES = Rules()

GOOD = [
    ("https://example.com", Target(True, "example.com", 443, "/")),
    ("https://example.com/hooks/a?b=c&d", Target(True, "example.com", 443, "/hooks/a?b=c&d")),
    ("HTTPS://Hooks.Example.COM:8443/x", Target(True, "hooks.example.com", 8443, "/x")),
    ("https://example.com./", Target(True, "example.com", 443, "/")),
    ("https://xn--bcher-kva.example/", Target(True, "xn--bcher-kva.example", 443, "/")),
    ("https://93.184.215.14/", Target(True, "93.184.215.14", 443, "/")),
    ("https://[2606:4700::1111]/", Target(True, "2606:4700::1111", 443, "/")),
    ("https://a_b.example.com?x", Target(True, "a_b.example.com", 443, "/?x")),
]

BAD = [
    ("", "https"),
    ("example.com", "https"),
    ("http://example.com/", "https"),
    ("ftp://example.com/", "https"),
    ("file:///etc/passwd", "https"),
    ("javascript:alert(1)", "https"),
    ("https://user@example.com/", "name and password"),
    ("https://user:pass@example.com/", "name and password"),
    ("https://@example.com/", "name and password"),
    ("https://example.com@169.254.169.254/", "name and password"),
    ("https://example.com/#x", "#"),
    ("https://example.com/#", "#"),
    ("https://example.com:22/", "Port 22"),
    ("https://example.com:80/", "Port 80"),
    ("https://example.com:0/", "Port 0"),
    ("https://example.com:99999/", "no URL"),
    ("https://example.com:x/", "no URL"),
    ("https:///path", "no host"),
    ("https://", "no host"),
    ("https://ex ample.com/", "ASCII"),
    ("https://example.com/\r\nHost: x", "ASCII"),
    ("https://example.com/\t", "ASCII"),
    ("https://bücher.example/", "ASCII"),
    ("https://example.com\\@evil.example/", "ASCII"),
    ("https://-example.com/", "no host"),
    ("https://exa..mple.com/", "no host"),
    ("https://" + "x" * 64 + ".com/", "no host"),
    ("https://[::1/", "no URL"),
    # Addresses to a resolver, written so that nobody sees it.
    ("https://2130706433/", "no host"),
    ("https://0x7f000001/", "no host"),
    ("https://0x7f.1/", "no host"),
    ("https://127.1/", "no host"),
    ("https://0177.0.0.1/", "no host"),
    # Addresses as they are.
    ("https://127.0.0.1/", "not an address of the public internet"),
    ("https://10.0.0.1/", "not an address of the public internet"),
    ("https://[::1]/", "not an address of the public internet"),
    ("https://[::ffff:127.0.0.1]/", "not an address of the public internet"),
    ("https://169.254.169.254/latest/meta-data/", "never called"),
    ("https://[fd00:ec2::254]/", "never called"),
    ("https://example.com/" + "x" * 500, "at most 500"),
]


@pytest.mark.parametrize(("url", "target"), GOOD)
def test_a_good_url_is_taken_apart(url: str, target: Target) -> None:
    assert parse(url, RULES) == target


@pytest.mark.parametrize(("url", "why"), BAD)
def test_a_bad_url_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        parse(url, RULES)


def test_the_header_host_has_the_port_where_it_is_another() -> None:
    assert parse("https://example.com/", RULES).header == "example.com"
    assert parse("https://example.com:8443/", RULES).header == "example.com:8443"
    assert parse("https://[2606:4700::1111]:8443/", RULES).header == "[2606:4700::1111]:8443"


def test_plain_http_only_where_it_is_allowed() -> None:
    assert parse("http://example.com/", Rules(http=True, ports={80})) == Target(False, "example.com", 80, "/")


PUBLIC = ["93.184.215.14", "1.1.1.1", "172.15.255.255", "172.32.0.1", "192.167.1.1", "100.63.1.1", "100.128.0.1"]
PUBLIC += ["11.0.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"]

NOT_PUBLIC = ["0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "172.16.0.1"]
NOT_PUBLIC += ["172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255"]
NOT_PUBLIC += ["198.51.100.1", "203.0.113.1", "240.0.0.1", "::1", "fc00::1", "fd12::1", "2001:db8::1", "2001::1"]
NOT_PUBLIC += ["2002:7f00:1::", "3fff::1", "4000::1", "100::1", "64:ff9b:1::1", "::ffff:0:7f00:1"]
# In disguise.
NOT_PUBLIC += ["::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1"]

NEVER = ["0.0.0.0", "169.254.169.254", "169.254.170.2", "100.100.100.200", "224.0.0.1", "239.255.255.255"]
NEVER += ["255.255.255.255", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "fd00:ec2::254", "ff02::1"]
NEVER += ["::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "::169.254.169.254"]

EVERYTHING = Rules(networks=networks(["0.0.0.0/0", "::/0"]))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called(address: str) -> None:
    check(ip_address(address), RULES)


@pytest.mark.parametrize("address", [*NOT_PUBLIC, *NEVER])
def test_others_are_not(address: str) -> None:
    with pytest.raises(Refused):
        check(ip_address(address), RULES)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_operator_may_allow_them(address: str) -> None:
    check(ip_address(address), EVERYTHING)


@pytest.mark.parametrize("address", NEVER)
def test_but_some_nobody_may_allow(address: str) -> None:
    with pytest.raises(Refused, match="never called"):
        check(ip_address(address), EVERYTHING)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("10.20.0.1", True), ("::ffff:10.20.0.1", True), ("10.21.0.1", False), ("127.0.0.1", False), ("fd12::9", True)],
)
def test_of_what_is_inside_only_the_networks_that_are_named(address: str, allowed: bool) -> None:
    rules = Rules(networks=networks(["10.20.0.0/16", "fd12::/16"]))
    if allowed:
        check(ip_address(address), rules)
    else:
        with pytest.raises(Refused, match="WEBHOOKS_ALLOWED_NETWORKS"):
            check(ip_address(address), rules)


def test_each_range_is_refused_to_both_its_ends() -> None:
    ranges: tuple[addresses.Network, ...] = (*addresses._NOT_PUBLIC_4, *addresses._NOT_PUBLIC_6)
    for network in ranges:
        for address in (network[0], network[-1]):
            with pytest.raises(Refused):
                check(address, RULES)
