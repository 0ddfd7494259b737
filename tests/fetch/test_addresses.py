"""Which addresses may be asked, how they are spelled, and that a connection goes to what was judged."""

import subprocess
import sys

import pytest
from scrapy import Request

from tasks.core.fault import Fault
from tasks.core.web_address import to_address
from tasks.fetch.addresses import is_public
from tasks.fetch.errand import Errand, FetchFaultError
from tasks.fetch.hops import Hops
from tests.conftest import PROJECT
from tests.fetch.website import Website, reply


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "172.32.0.1", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"],
)
def test_an_address_of_the_internet_may_be_asked(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.0.0.1", "127.255.0.9", "0.0.0.0"),  # noqa: S104 - asked, not bound
        *("169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
        *("64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::1", "2001:db8::1"),
        *("localhost", "", "1.2.3"),
    ],
)
def test_an_address_of_any_other_network_may_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("HTTP://Example.ORG:80/a/../b/./c.jpg#top", "http://example.org/b/c.jpg"),
        (" https://example.org ", "https://example.org/"),
        ("https://münchen.example/ä b.jpg?q=ü", "https://xn--mnchen-3ya.example/%C3%A4%20b.jpg?q=%C3%BC"),
        ("http://example.org/%2e%2e/%2E./x", "http://example.org/x"),
        ("http://example.org/100%", "http://example.org/100%25"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://example.org/a//b/", "http://example.org/a//b/"),
        ("http://example.org/a\\..\\b", "http://example.org/a%5C..%5Cb"),
    ],
)
def test_an_address_has_one_spelling(written: str, url: str) -> None:
    address = to_address(written)
    assert not isinstance(address, Fault)
    assert address.url == url
    again = to_address(url)
    assert again == address


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("ftp://example.org/a", "address_refused"),
        ("file:///etc/passwd", "address_refused"),
        ("javascript:alert(1)", "address_refused"),
        ("data:image/png;base64,AAAA", "address_refused"),
        ("http://me:secret@example.org/", "address_refused"),
        ("http://example.org@evil.example/", "address_refused"),
        ("photo.jpg", "address_refused"),
        ("http:///a", "malformed"),
        ("http://example.org:99999/", "malformed"),
        ("http://[::1/", "malformed"),
        ("http://exa mple.org/", "malformed"),
        ("http://a\\b.example/", "malformed"),
        ("http://" + "a" * 70 + ".example/", "malformed"),
        ("http://example.org/" + "a" * 5000, "malformed"),
        ("", "address_refused"),
    ],
)
def test_what_is_no_address_to_ask_for_has_a_reason(written: str, reason: str) -> None:
    fault = to_address(written)
    assert isinstance(fault, Fault)
    assert fault.reason == reason


@pytest.mark.parametrize(
    ("url", "native_id", "file_name"),
    [
        ("https://example.org/a/b%20c.jpg", "example.org/a/b%20c.jpg", "b c.jpg"),
        ("http://example.org:8080/?id=3", "example.org:8080/?id=3", ""),
        ("http://example.org/", "example.org/index", ""),
        ("http://example.org/a/", "example.org/a/index", ""),
        ("http://example.org/a%2F..%2Fb", "example.org/a%2F..%2Fb", "a/../b"),
    ],
)
def test_an_item_is_called_by_its_address(url: str, native_id: str, file_name: str) -> None:
    address = to_address(url)
    assert not isinstance(address, Fault)
    assert (address.native_id, address.file_name) == (native_id, file_name)


REBINDING = """
import sys
from twisted.internet import asyncioreactor
asyncioreactor.install()
from twisted.internet import reactor
from twisted.web.client import Agent, BrowserLikePolicyForHTTPS, readBody
from tasks.fetch.guard import GuardedEndpoints

asked = []
def resolve(host, port):
    asked.append(host)
    return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.9"]

private = frozenset(sys.argv[2:])
endpoints = GuardedEndpoints(reactor, BrowserLikePolicyForHTTPS(), private, 5.0, resolve)
answer = Agent.usingEndpointFactory(reactor, endpoints).request(b"GET", sys.argv[1].encode())
answer.addCallback(readBody).addCallbacks(print, lambda failure: print(failure.value))
answer.addBoth(lambda _: (print(len(asked)), reactor.stop()))
reactor.run()
"""


@pytest.mark.parametrize(("allowed", "printed"), [((), "address_refused"), (("rebound.example",), "b'here'")])
def test_a_name_is_resolved_once_and_the_connection_goes_there(
    site: Website, allowed: tuple[str, ...], printed: str
) -> None:
    site.answers["/"] = reply(200, b"here")
    said = subprocess.run(
        [sys.executable, "-c", REBINDING, site.url("/", "rebound.example"), *allowed],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert (said[0].split(":")[0], said[1]) == (printed, "1")
    assert len(site.asked) == len(allowed)


@pytest.mark.parametrize(
    ("begun", "hop", "refused"),
    [
        ("http://intranet.example/a", "http://intranet.example/b", False),
        ("http://intranet.example/a", "http://public.example/b", False),
        ("http://public.example/a", "http://other.example/b", False),
        ("http://public.example/a", "http://intranet.example/b", True),
    ],
)
def test_no_strange_server_leads_into_a_private_network(begun: str, hop: str, *, refused: bool) -> None:
    request = Request(hop, meta={"errand": Errand("media", begun), "redirect_urls": [begun]})
    hops = Hops(frozenset({"intranet.example"}))
    if not refused:
        assert hops.process_request(request) is None
        return
    with pytest.raises(FetchFaultError, match="no way leads into a private network"):
        hops.process_request(request)
