"""Addresses that a forger would like us to fetch a certificate from, and the few that are SNS's."""

import pytest

from messaging.inbound.sns.address import parse_address
from messaging.inbound.sns.certificates import check_signing_cert_url
from messaging.inbound.sns.errors import BadCertificateUrl, Refused, UnknownTopic

HEX = "0123456789abcdef0123456789abcdef"
FILE = f"SimpleNotificationService-{HEX}.pem"
HOST = "sns.us-west-2.amazonaws.com"
TOPIC = "arn:aws:sns:us-west-2:123456789012:two-way"
CHINA = "arn:aws-cn:sns:cn-north-1:123456789012:two-way"
GOV = "arn:aws-us-gov:sns:us-gov-west-1:123456789012:two-way"

GENUINE = [
    (TOPIC, f"https://{HOST}/{FILE}"),
    (TOPIC, f"https://{HOST}/SimpleNotificationService-5416b31fae4efe3bce5b30212490f0b.pem"),
    ("arn:aws:sns:us-east-1:123456789012:a", f"https://sns.us-east-1.amazonaws.com/{FILE}"),
    ("arn:aws:sns:ap-southeast-7:123456789012:a_b-C", f"https://sns.ap-southeast-7.amazonaws.com/{FILE}"),
    ("arn:aws:sns:mx-central-1:123456789012:a", f"https://sns.mx-central-1.amazonaws.com/{FILE}"),
    (CHINA, f"https://sns.cn-north-1.amazonaws.com.cn/{FILE}"),
    ("arn:aws-cn:sns:cn-northwest-1:123456789012:a", f"https://sns.cn-northwest-1.amazonaws.com.cn/{FILE}"),
    (GOV, f"https://sns.us-gov-west-1.amazonaws.com/{FILE}"),
    ("arn:aws-us-gov:sns:us-gov-east-1:123456789012:a", f"https://sns.us-gov-east-1.amazonaws.com/{FILE}"),
]

HOSTILE = {
    # hosts of AWS that anybody can put a file on
    "bucket, virtual host": f"https://evil.s3.amazonaws.com/{FILE}",
    "bucket, path style": f"https://s3.us-west-2.amazonaws.com/evil/{FILE}",
    "bucket named sns": f"https://sns.s3.amazonaws.com/{FILE}",
    "bucket named sns, dash region": f"https://sns.s3-us-west-2.amazonaws.com/{FILE}",
    "bucket named sns, dot region": f"https://sns.s3.us-west-2.amazonaws.com/{FILE}",
    "bucket named sns.us-west-2": f"https://sns.us-west-2.s3.amazonaws.com/{FILE}",
    "bucket website": f"https://sns.s3-website-us-west-2.amazonaws.com/{FILE}",
    "api gateway": f"https://abc.execute-api.us-west-2.amazonaws.com/{FILE}",
    "load balancer": f"https://sns.us-west-2.elb.amazonaws.com/{FILE}",
    # hosts that look like SNS
    "suffix": f"https://{HOST}.evil.com/{FILE}",
    "suffix without dot": f"https://{HOST}evil.com/{FILE}",
    "prefix": f"https://evil-{HOST}/{FILE}",
    "subdomain": f"https://evil.{HOST}/{FILE}",
    "another domain": f"https://sns.us-west-2.amazonaws.org/{FILE}",
    "hyphenated domain": f"https://sns.us-west-2-amazonaws.com/{FILE}",
    "no region": f"https://sns.amazonaws.com/{FILE}",
    "empty region": f"https://sns..amazonaws.com/{FILE}",
    "two regions": f"https://sns.us-west-2.us-west-2.amazonaws.com/{FILE}",
    "hyphen for the first dot": f"https://sns-us-west-2.amazonaws.com/{FILE}",
    "letter for a dot": f"https://sns.us-west-2.amazonawsxcom/{FILE}",
    "other service": f"https://sqs.us-west-2.amazonaws.com/{FILE}",
    "fips endpoint": f"https://sns-fips.us-west-2.amazonaws.com/{FILE}",
    "other region": f"https://sns.us-east-1.amazonaws.com/{FILE}",
    "region that does not exist": f"https://sns.xx-nowhere-1.amazonaws.com/{FILE}",
    "china suffix for aws": f"https://{HOST}.cn/{FILE}",
    "gov region for aws": f"https://sns.us-gov-west-1.amazonaws.com/{FILE}",
    "sovereign": f"https://sns.eusc-de-east-1.amazonaws.eu/{FILE}",
    "trailing dot": f"https://{HOST}./{FILE}",
    "leading dot": f"https://.{HOST}/{FILE}",
    "upper-case host": f"https://SNS.us-west-2.amazonaws.com/{FILE}",
    "upper-case region": f"https://sns.US-WEST-2.amazonaws.com/{FILE}",
    "ipv4": f"https://169.254.169.254/{FILE}",
    "ipv6": f"https://[::1]/{FILE}",
    "localhost": f"https://localhost/{FILE}",
    # the parts of a URL that are not the host
    "http": f"http://{HOST}/{FILE}",
    "upper-case scheme": f"HTTPS://{HOST}/{FILE}",
    "file": f"file://{HOST}/{FILE}",
    "ftp": f"ftp://{HOST}/{FILE}",
    "no scheme": f"//{HOST}/{FILE}",
    "bare host": f"{HOST}/{FILE}",
    "three slashes": f"https:///{HOST}/{FILE}",
    "one slash": f"https:/{HOST}/{FILE}",
    "port": f"https://{HOST}:8443/{FILE}",
    "port 443": f"https://{HOST}:443/{FILE}",
    "empty port": f"https://{HOST}:/{FILE}",
    "user": f"https://user@{HOST}/{FILE}",
    "user and password": f"https://user:secret@{HOST}/{FILE}",
    "host as user": f"https://{HOST}@evil.com/{FILE}",
    "host as user with path": f"https://{HOST}%2f@evil.com/{FILE}",
    "query": f"https://{HOST}/{FILE}?x=1",
    "empty query": f"https://{HOST}/{FILE}?",
    "fragment": f"https://{HOST}/{FILE}#x",
    "fragment before host": f"https://evil.com#@{HOST}/{FILE}",
    "query before host": f"https://evil.com?{HOST}/{FILE}",
    "parameters": f"https://{HOST}/{FILE};x=1",
    "backslash host": f"https://evil.com\\@{HOST}/{FILE}",
    "backslash path": f"https://{HOST}\\{FILE}",
    "backslash scheme": f"https:\\\\{HOST}\\{FILE}",
    "redirector": f"https://{HOST}/?Action=Redirect&To=https://evil.com/{FILE}",
    # paths
    "no path": f"https://{HOST}",
    "root": f"https://{HOST}/",
    "other file": f"https://{HOST}/cert.pem",
    "no hex": f"https://{HOST}/SimpleNotificationService-.pem",
    "no hyphen": f"https://{HOST}/SimpleNotificationService{HEX}.pem",
    "not hex": f"https://{HOST}/SimpleNotificationService-xyz.pem",
    "upper-case hex": f"https://{HOST}/SimpleNotificationService-{HEX.upper()}.pem",
    "too much hex": f"https://{HOST}/SimpleNotificationService-{'a' * 65}.pem",
    "upper-case extension": f"https://{HOST}/SimpleNotificationService-{HEX}.PEM",
    "other extension": f"https://{HOST}/SimpleNotificationService-{HEX}.crt",
    "no dot before the extension": f"https://{HOST}/SimpleNotificationService-{HEX}xpem",
    "double extension": f"https://{HOST}/{FILE}.pem",
    "traversal": f"https://{HOST}/../{FILE}",
    "traversal inside": f"https://{HOST}/x/../{FILE}",
    "traversal at the end": f"https://{HOST}/{FILE}/../evil.pem",
    "dot segment": f"https://{HOST}/./{FILE}",
    "folder": f"https://{HOST}/bucket/{FILE}",
    "double slash": f"https://{HOST}//{FILE}",
    "trailing slash": f"https://{HOST}/{FILE}/",
    "second path": f"https://{HOST}/{FILE}/{FILE}",
    "encoded slash": f"https://{HOST}/x%2f{FILE}",
    "encoded letter": f"https://{HOST}/%53impleNotificationService-{HEX}.pem",
    "encoded dot": f"https://{HOST}/SimpleNotificationService-{HEX}%2epem",
    "encoded host": f"https://sns%2eus-west-2.amazonaws.com/{FILE}",
    "encoded null": f"https://{HOST}/{FILE}%00",
    # characters
    "empty": "",
    "space": " ",
    "leading space": f" https://{HOST}/{FILE}",
    "trailing space": f"https://{HOST}/{FILE} ",
    "trailing newline": f"https://{HOST}/{FILE}\n",
    "leading newline": f"\nhttps://{HOST}/{FILE}",
    "newline in host": f"https://{HOST}\n.evil.com/{FILE}",
    "header injection": f"https://{HOST}/{FILE} HTTP/1.1\r\nHost: evil.com",
    "tab": f"https://sns.us-west-2\t.amazonaws.com/{FILE}",
    "null": f"https://{HOST}/{FILE}\0",
    "homoglyph": f"https://sns.us-west-2.amаzonaws.com/{FILE}",
    "ideographic full stop": f"https://sns.us-west-2。amazonaws.com/{FILE}",
    "full-width full stop": f"https://sns.us-west-2.amazonaws．com/{FILE}",
    "one dot leader": f"https://sns.us-west-2.amazonaws․com/{FILE}",
    "full-width solidus": f"https://evil.com／{HOST}/{FILE}",
    "full-width digit in region": f"https://sns.us-west-２.amazonaws.com/{FILE}",
    "arabic digit in hex": f"https://{HOST}/SimpleNotificationService-٠{HEX}.pem",
    "long s": f"https://ſns.us-west-2.amazonaws.com/{FILE}",
    "zero-width space": f"https://sns.us-west-2.amazonaws.com\u200b/{FILE}",
    "soft hyphen": f"https://sns.us-west\u00ad-2.amazonaws.com/{FILE}",
    "right-to-left override": f"https://\u202e{HOST}/{FILE}",
    "punycode": f"https://sns.us-west-2.xn--amzonaws-2fg.com/{FILE}",
    "two addresses": f"https://{HOST}/{FILE}https://{HOST}/{FILE}",
    "two lines": f"https://{HOST}/{FILE}\nhttps://evil.com/{FILE}",
}


@pytest.mark.parametrize(("topic_arn", "url"), GENUINE)
def test_sns_own_addresses_pass(topic_arn: str, url: str) -> None:
    check_signing_cert_url(url, topic_arn)
    assert f"https://{parse_address(url).host}{parse_address(url).path}" == url


@pytest.mark.parametrize("url", HOSTILE.values(), ids=HOSTILE.keys())
def test_every_other_address_is_refused(url: str) -> None:
    with pytest.raises(BadCertificateUrl) as refusal:
        check_signing_cert_url(url, TOPIC)
    assert refusal.value.status == 403


# Well-formed, but not for this topic.
ELSEWHERE = {"other region", "region that does not exist", "china suffix for aws", "gov region for aws"}


@pytest.mark.parametrize("url", [url for name, url in HOSTILE.items() if name not in ELSEWHERE])
def test_the_grammar_alone_refuses_them(url: str) -> None:
    with pytest.raises(BadCertificateUrl):
        parse_address(url)


@pytest.mark.parametrize(
    ("topic_arn", "url"),
    [
        (CHINA, f"https://sns.cn-north-1.amazonaws.com/{FILE}"),
        (CHINA, f"https://sns.cn-northwest-1.amazonaws.com.cn/{FILE}"),
        (CHINA, f"https://{HOST}/{FILE}"),
        (CHINA, f"https://sns.cn-north-1.amazonaws.com.cn.cn/{FILE}"),
        (GOV, f"https://sns.us-gov-east-1.amazonaws.com/{FILE}"),
        (GOV, f"https://sns.us-gov-west-1.amazonaws.com.cn/{FILE}"),
        (GOV, f"https://{HOST}/{FILE}"),
    ],
)
def test_a_partition_has_its_own_domain_and_regions(topic_arn: str, url: str) -> None:
    with pytest.raises(BadCertificateUrl):
        check_signing_cert_url(url, topic_arn)


@pytest.mark.parametrize(
    "topic_arn",
    [
        "",
        "two-way",
        "arn:aws:sqs:us-west-2:123456789012:two-way",
        "arn:aws:sns:us-west-2:123456789012:two-way.fifo",
        "arn:aws:sns:us-west-2:123456789012:two-way:c9135db0-26c4-47ec-8998-413945fb5a96",
        "arn:aws:sns:us-west-2:123456789012:two-way\n",
        "arn:aws:sns:us-west-2:1234:two-way",
        "arn:aws:sns:s3-us-west-2:123456789012:two-way",
        "arn:aws:sns:evil.com/:123456789012:two-way",
        "arn:aws:sns:cn-north-1:123456789012:two-way",
        "arn:aws:sns:us-gov-west-1:123456789012:two-way",
        "arn:aws-cn:sns:us-west-2:123456789012:two-way",
        "arn:aws-us-gov:sns:us-west-2:123456789012:two-way",
        "arn:aws-iso:sns:us-iso-east-1:123456789012:two-way",
        "arn:aws-eusc:sns:eusc-de-east-1:123456789012:two-way",
    ],
)
def test_without_the_arn_of_a_topic_no_address_is_right(topic_arn: str) -> None:
    with pytest.raises(UnknownTopic) as refusal:
        check_signing_cert_url(f"https://{HOST}/{FILE}", topic_arn)
    assert "arn:aws:sns:REGION:ACCOUNT:NAME" in refusal.value.hint


def test_the_table_is_of_use() -> None:
    assert len(set(HOSTILE.values())) == len(HOSTILE) >= 40
    assert issubclass(BadCertificateUrl, Refused)
