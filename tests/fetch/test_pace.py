"""How gently a host is asked, told by the site's own log."""

from tests.conftest import Repository
from tests.fetch.conftest import batch_file, picture, responses
from tests.fetch.website import Visit, Website, in_turn, reply

LISTED = "{kind: urls, path: list.txt, allow_private: [localhost]}"


def deliver(repository: Repository, site: Website, count: int) -> None:
    paths = [f"/{number}.png" for number in range(count)]
    for number, path in enumerate(paths):
        site.answers.setdefault(path, reply(200, picture(number)))
    urls = "\n".join(site.url(path) for path in paths)
    repository.add_batch("web", batch_file(LISTED), {"list.txt": urls.encode()})


def span_s(site: Website) -> float:
    return site.asked[-1].at_s - site.asked[0].at_s


def test_a_host_is_asked_no_faster_than_params_say(hurried: Repository, site: Website) -> None:
    hurried.set_param("requests_per_second: 500.0", "requests_per_second: 10.0")
    deliver(hurried, site, 10)
    hurried.run("fetch")
    assert len(site.asked) == 11
    assert span_s(site) > 0.9  # ten intervals of 0.1 s, but for one that a delay on the way may have eaten


def test_a_longer_delay_in_robots_txt_counts(hurried: Repository, site: Website) -> None:
    site.serve("/robots.txt", b"User-agent: *\nCrawl-delay: 0.4\n", "text/plain")
    deliver(hurried, site, 5)
    hurried.run("fetch")
    assert len(site.asked) == 6
    assert span_s(site) > 1.2  # four intervals of 0.4 s at least


def test_a_delay_beyond_all_patience_is_a_refusal(hurried: Repository, site: Website) -> None:
    site.serve("/robots.txt", b"User-agent: *\nCrawl-delay: 3600\n", "text/plain")
    deliver(hurried, site, 1)
    hurried.run("fetch")
    row = responses(hurried, "web")["media", site.url("/0.png"), ""]
    assert row["reason"] == "robots_forbid"
    assert "asks for 3600 s between requests, fetch.longest_wait is 20 s" in row["detail"]
    assert site.count("/0.png") == 0


def test_a_host_that_asks_to_wait_is_left_alone_as_long(hurried: Repository, site: Website) -> None:
    site.answers["/0.png"] = in_turn(reply(429, headers={"Retry-After": "1"}), reply(200, picture()))
    deliver(hurried, site, 1)
    hurried.run("fetch")
    _, first, second = site.asked
    assert (first.path, second.path) == ("/0.png", "/0.png")
    assert second.at_s - first.at_s > 0.95
    assert responses(hurried, "web")["media", site.url("/0.png"), ""]["reason"] is None


def test_a_host_has_no_more_connections_than_params_say(hurried: Repository, site: Website) -> None:
    hurried.set_param("connections_per_host: 16", "connections_per_host: 2")
    open_now, most_open = [0], [0]

    def slow(visit: Visit) -> None:
        open_now[0] += 1
        most_open[0] = max(most_open[0], open_now[0])
        site.released.wait(0.1)
        open_now[0] -= 1
        reply(200, picture())(visit)

    site.answers |= {f"/{number}.png": slow for number in range(8)}
    deliver(hurried, site, 8)
    hurried.run("fetch")
    assert most_open == [2]
