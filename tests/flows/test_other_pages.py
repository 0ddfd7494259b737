"""What a page that is open in a browser on this machine can do with the server, in a real browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flows.server import served_folder
from tests.flows.browser import Page, browser_page
from tests.flows.prefect_server import Api, wait_for
from tests.flows.repositories import FlowRepository

RUN = "deployments/{id}/create_flow_run"
# Each comes to what the page learns: the answer's status, or why there is none.
FETCH = "fetch({address}, {options}).then(answer => answer.type + ' ' + answer.status, error => error.name)"
WEBSOCKET = """
new Promise(told => {{
  const line = new WebSocket({address});
  line.onopen = () => told('open');
  line.onerror = () => told('refused');
}})
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser_page("--host-resolver-rules=MAP evil.example 127.0.0.1") as page:
        yield page


@pytest.fixture
def strange(page: Page, tmp_path: Path) -> Iterator[Page]:
    """The browser with a page of another site."""
    (tmp_path / "index.html").write_text("<title>a stranger</title>")
    with served_folder(tmp_path, 0) as address:
        page.open(f"{address}/index.html")
        yield page


def fetch(page: Page, address: str, **options: object) -> object:
    return page.ask(FETCH.format(address=json.dumps(address), options=json.dumps(options)))


def runs(api: Api, deployment: dict[str, object]) -> int:
    """How many runs of the deployment there are; the scheduler makes those of others at any time."""
    return int(api.call("POST", "flow_runs/count", {"deployments": {"id": {"any_": [deployment["id"]]}}}))


def test_a_page_of_another_site_can_list_and_start_nothing(
    toy: FlowRepository, api: Api, strange: Page
) -> None:
    deployment = api.deployments()["build"]
    before = runs(api, deployment)
    start = f"{api.address}/{RUN.format(**deployment)}"
    token = f"{api.address}/csrf-token?client=stranger"
    listing = f"{api.address}/deployments/filter"
    json_body = {"headers": {"Content-Type": "application/json"}, "body": "{}"}
    assert fetch(strange, f"{api.address}/health") == "TypeError"
    assert fetch(strange, token) == "TypeError"
    assert fetch(strange, listing, method="POST", **json_body) == "TypeError"
    # This is sent without asking first, and what comes back cannot be read: the server must refuse it.
    assert fetch(strange, start, method="POST", mode="no-cors", body="{}") == "opaque 0"
    assert runs(api, deployment) == before


def test_a_page_of_another_site_gets_no_websocket(api: Api, strange: Page) -> None:
    line = json.dumps(f"{api.address.replace('http', 'ws', 1)}/events/out")
    assert strange.ask(WEBSOCKET.format(address=line)) == "refused"


def test_a_page_under_a_name_that_leads_here_gets_nothing(api: Api, page: Page) -> None:
    page.open(api.address.replace("127.0.0.1", "evil.example").replace("/api", "/"))
    assert page.ask("document.body.innerText").startswith("this server is not 'evil.example:")


def test_the_report_is_not_served_under_another_name(page: Page, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("the report")
    with served_folder(tmp_path, 0) as address:
        page.open(f"{address}/index.html")
        assert page.ask("document.body.innerText") == "the report"
        page.open(f"{address.replace('127.0.0.1', 'evil.example')}/index.html")
        assert "the report is at http://127.0.0.1:" in page.ask("document.body.innerText")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_ui_starts_a_run_and_calls_nobody_else(
    toy: FlowRepository, api: Api, page: Page, name: str
) -> None:
    ui = api.address.replace("127.0.0.1", name).replace("/api", "/v2")
    deployment = api.deployments()["build"]
    before = runs(api, deployment)
    page.open("about:blank")  # nothing that the page before still asks for is counted
    page.requested.clear()
    for place in ("dashboard", "runs", "flows", "deployments", "artifacts", "automations", "settings"):
        page.open(f"{ui}/{place}")
        page.wait_until("document.body.innerText.includes('Deployments')")
    page.open(f"{ui}/deployments/deployment/{deployment['id']}")
    page.click("Run")
    page.click("Quick run")
    wait_for(lambda: True if runs(api, deployment) == before + 1 else None, within_s=30)
    hosts = {urlsplit(address).hostname for address in page.requested} - {None}
    assert hosts <= {"127.0.0.1", "localhost"}
    assert len(page.requested) > 50
