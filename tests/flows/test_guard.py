import pytest
from starlette.types import Message, Receive, Scope, Send

from flows.guard import EVERYONE, Guard
from flows.guarded_server import own_origins


async def _never(scope: Scope, receive: Receive, send: Send) -> None:
    raise NotImplementedError


async def _nothing() -> Message:
    raise NotImplementedError


GUARD = Guard(_never, own_origins(4200))


def request(method: str = "GET", **headers: str) -> Scope:
    named = {"host": "127.0.0.1:4200", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {
        "type": "http",
        "method": method,
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }


@pytest.mark.parametrize(
    "allowed",
    [
        pytest.param(request("POST"), id="a program"),
        pytest.param(request(host="localhost:4200"), id="the other name of this machine"),
        pytest.param(request("POST", origin="http://127.0.0.1:4200"), id="the UI"),
        pytest.param(
            request("POST", origin="http://localhost:4200", sec_fetch_site="cross-site"),
            id="the UI, opened under its other name",
        ),
        pytest.param(request(sec_fetch_site="same-origin"), id="a picture of the UI"),
        pytest.param(request(sec_fetch_site="none"), id="an address that was typed"),
        pytest.param(request(sec_fetch_site="cross-site", sec_fetch_dest="document"), id="a link"),
    ],
)
def test_programs_and_the_ui_are_let_in(allowed: Scope) -> None:
    assert GUARD.why_refused(allowed) is None


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (
            request(host="evil.example:4200"),
            "this server is not 'evil.example:4200'; it answers as 127",
        ),
        (request(host=""), "this server is not ''"),
        (request(origin="http://evil.example"), "a page of http://evil.example may not use"),
        (request(origin="http://127.0.0.1:8888"), "a page of http://127.0.0.1:8888 may not use"),
        (request(origin="null"), "a page of null may not use"),
        (request(sec_fetch_site="cross-site", sec_fetch_dest="image"), "a page of another site"),
        (request(sec_fetch_site="same-site", sec_fetch_dest="iframe"), "a page of another site"),
        (request("POST", sec_fetch_site="cross-site", sec_fetch_dest="document"), "a page of another site"),
    ],
)
def test_pages_of_others_are_refused_with_the_reason(refused: Scope, reason: str) -> None:
    said = GUARD.why_refused(refused)
    assert said is not None
    assert said.startswith(reason)


def test_an_origin_that_was_opened_by_name_is_let_in_under_its_own_host() -> None:
    guard = Guard(_never, [*own_origins(4200), "https://prefect.example.org"])
    assert (
        guard.why_refused(request(host="prefect.example.org", origin="https://prefect.example.org")) is None
    )


@pytest.mark.anyio
async def test_whoever_opens_it_to_everyone_gets_what_prefect_does() -> None:
    guard = Guard(_never, [EVERYONE])
    with pytest.raises(NotImplementedError):
        await guard(request(host="evil.example"), _nothing, _nothing)  # type: ignore[arg-type]
