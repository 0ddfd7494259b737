"""What the page says of an alignment: time lines, histograms, and the worst first."""

import html
import re
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest

from tasks.core.schemas import ALIGN_REJECTS, LINKS, STREAMS, TableSpec
from tasks.core.tables import to_table
from tasks.report.histogram import draw_histogram
from tasks.report.lanes import SessionRows
from tasks.report.pooled import pooled_roles
from tasks.report.scale import Scale
from tasks.report.timeline import Timeline, draw
from tasks.report.worst import worst_cases
from tests.conftest import Repository

S = 1_000_000_000
LINK = {"batch": "b", "session": "s", "kind": "label", "method": "overlap"}
STREAM = {"batch": "b", "session": "s", "clock": "camera", "members": 1}
REJECT = {"batch": "b", "table": "items", "expectation": "", "reason": "no_overlap", "session": "s"}
CLOCK = {
    **{"session": "s", "clock": "camera", "piece": 0, "from_ns": None, "to_ns": None},
    **{"anchor_ns": 0, "offset_ns": 0, "drift_ppm": 0.0, "within_tolerance": True, "method": "reference"},
}


def spans(spec: TableSpec, usual: dict[str, Any], *rows: dict[str, Any]) -> pa.Table:
    """Rows whose `at` is a start and an end in seconds."""
    return to_table(
        spec,
        (
            {**usual, **{k: v for k, v in row.items() if k != "at"}, "start_ns": row["at"][0] * S}
            | {"end_ns": row["at"][1] * S}
            for row in rows
        ),
    )


def linked(sample: str, role: str, member: str, start: int, end: int) -> dict[str, Any]:
    return {"sample_id": sample, "role": role, "member_id": member, "label_id": member, "at": (start, end)}


def drawn(links: list[dict[str, Any]], rejects: list[dict[str, Any]] | None = None, **more: Any) -> Timeline:
    roles = {row["role"] for row in [*links, *(rejects or [])]}
    rows = SessionRows(
        spans(LINKS, LINK, *links),
        spans(STREAMS, STREAM, *({"role": role, "at": (0, 10)} for role in roles)),
        spans(ALIGN_REJECTS, REJECT, *(rejects or [])),
        more.get("clocks", [CLOCK]),
        more.get("gaps", {}),
    )
    return draw("s", rows, {"hello": "Hello!"}, "words")


def test_a_time_line_has_a_lane_per_role_the_reference_first_and_a_colour_per_sample() -> None:
    line = drawn(
        [
            linked("one", "words", "hello", 0, 5),
            linked("one", "slide", "title", 0, 5),
            linked("two", "words", "bye", 5, 10),
        ]
    )
    assert [lane.role for lane in line.lanes] == ["words", "slide"]
    assert [(bar.left, bar.width, bar.colour, bar.words) for bar in line.lanes[0].links] == [
        (0.0, 440.0, 0, "Hello!"),
        (440.0, 440.0, 1, "bye"),
    ]
    assert line.lanes[1].links[0].colour == 0
    assert line.lanes[0].clocks == ""
    assert line.ticks[:2] == [(0.0, "0 s"), (88.0, "1 s")]
    assert line.summary == "words: 2 linked, 0 without a place; slide: 1 linked, 0 without a place"


def test_where_there_is_more_than_one_clock_every_lane_names_its_own() -> None:
    phone = {**CLOCK, "clock": "phone", "method": "given", "offset_ns": S, "residual_ns": None}
    line = drawn([linked("one", "words", "hello", 0, 5)], clocks=[CLOCK, phone])
    assert line.lanes[0].clocks == "clock camera: the reference"


def test_gaps_and_what_found_no_place_are_marked() -> None:
    gap = {"session": "s", "from_ns": 5 * S, "to_ns": 10 * S, "samples": 3}
    lost = {"row_id": "s9", "role": "slide", "detail": "too late", "at": (8, 9)}
    line = drawn([linked("one", "slide", "title", 0, 5)], [lost], gaps={"slide": [gap]})
    assert [bar.words for bar in line.lanes[0].gaps] == ["nothing from 5 s to 10 s, samples without it: 3"]
    assert [(bar.left, bar.words) for bar in line.lanes[0].missed] == [(704.0, "s9: too late")]


def test_a_clock_that_jumps_is_marked_where_it_jumps_and_by_how_much() -> None:
    first = {**CLOCK, "method": "audio", "from_ns": None, "to_ns": 4 * S, "residual_ns": 2_000}
    second = {**first, "piece": 1, "from_ns": 4 * S, "to_ns": None, "offset_ns": 2 * S}
    line = drawn([linked("one", "words", "hello", 0, 5)], clocks=[first, second])
    (jump,) = line.lanes[0].jumps
    assert (jump.left, jump.width, jump.words) == (352.0, 176.0, "clock camera jumps by +2000.000 ms")
    assert line.lanes[0].clocks.startswith("clock camera (piece 1) by audio: +0.000000 s, +0.0 ppm, residual")


def test_very_many_links_are_merged_into_the_stretches_that_they_cover() -> None:
    links = [linked(f"{n:04}", "words", f"w{n:04}", n % 4, n % 4 + 1) for n in range(1000)]
    line = drawn([*links, linked("z", "words", "z", 8, 9)])
    assert line.merged
    assert [(bar.words, bar.count) for bar in line.lanes[0].links] == [("links: 1000", 1000), ("links: 1", 1)]


@pytest.mark.parametrize("length_ns", [1, 999, 10**6, 7 * S, 3 * 10**14, 2**62])
def test_any_length_has_at_most_eleven_ticks_inside_the_drawing(length_ns: int) -> None:
    ticks = Scale(5, 5 + length_ns).ticks()
    assert len(ticks) <= 11
    assert all(0 <= place <= 880 for place, _ in ticks)


def test_the_words_of_times_since_1970_do_not_run_into_each_other() -> None:
    first_ns = 1_778_752_810 * S
    for length_s in (8, 2100, 9_000, 10**6, 10**8):
        ticks = Scale(first_ns, first_ns + length_s * S).ticks()
        places = [place for place, _ in ticks]
        assert 1 <= len(ticks) <= 7
        # The last one may end at its place instead of lying about it.
        assert all(later - place > 1.5 * 7 * 12 - 1 for place, later in pairwise(places))


def test_a_histogram_has_a_bar_for_each_filled_bin_that_names_it() -> None:
    figures = {"histogram": [0, 2, 0, 1, 0], "least": 0.5, "median": 1.0, "most": 4.0}
    found = draw_histogram("lag_ms", [0.0, 1.0, 2.0, 4.0], figures)
    assert [column.words for column in found.columns if column.height] == [
        "0 to 1 ms: 2 links",
        "2 to 4 ms: 1 link",
    ]
    assert found.summary == "3 links, 0.5 to 4 ms, median 1 ms"
    assert (found.low, found.high, found.most) == ("0 ms", "4 ms", 2)


def test_a_histogram_shows_what_lies_beyond_its_bins_only_where_there_is_something_and_where_0_lies() -> None:
    edges = [-2.0, -1.0, 1.0, 2.0]
    inside = {"histogram": [0, 0, 3, 0, 0], "least": 0.5, "median": 0.5, "most": 0.5}
    found = draw_histogram("lag_ms", edges, inside)
    assert (found.low, found.high, found.zero) == ("-2 ms", "2 ms", 116.0)
    assert found.summary == "3 links, all 0.5 ms"
    beyond = {"histogram": [1, 0, 0, 0, 0], "least": -9.0, "median": -9.0, "most": -9.0}
    assert draw_histogram("lag_ms", edges, beyond).low == "below -2 ms"
    assert draw_histogram("overlap", edges, inside).zero is None
    # Its 0 would run into the border's words.
    late = {"histogram": [0, 0, 1, *[0] * 8, 9, 0], "least": 0.0, "median": 9.5, "most": 9.5}
    found = draw_histogram("lag_ms", [*edges, *(float(edge) for edge in range(3, 11))], late)
    assert (found.low, found.zero) == ("-2 ms", None)


def test_the_worst_of_each_kind_are_named_and_what_is_well_is_not() -> None:
    well = {"covered_share": 1.0, "links": 2, "gaps": [], "lag_ms": None, "similarity": None, "margin": None}
    gap = {"session": "s", "from_ns": 0, "to_ns": 4 * S, "samples": 2}
    bad = {
        **{**well, "covered_share": 0.5, "gaps": [gap]},
        "least_covered": [{"session": "s", "covered_share": 0.25}],
        "lag_ms": {"worst": [{"sample_id": "r1", "member_id": "d1", "lag_ms": -19.5}]},
    }
    lost = {"session": "s", "item_id": "r.wav", "from_ns": S, "to_ns": 3 * S, "why": "no sound in common"}
    unknown = {"session": "s", "clock": "phone", "why": "silent"}
    clocks = {"unknown": [unknown], "unplaced": [lost], "worst": []}
    near = {"row_id": "d9", "role": "depth", "detail": "taken", "candidate_distance_ns": S // 100}
    nowhere: list[dict[str, object]] = [
        {"row_id": name, "role": role, "reason": "no_reference", "detail": "no candidate"}
        for name, role in (("d8", "depth"), ("n1", "note"))
    ]
    rejects = to_table(ALIGN_REJECTS, [{**REJECT, **row} for row in [{"candidate": "r8", **near}, *nowhere]])
    found = worst_cases({"roles": {"rgb": well, "depth": bad}, "clocks": clocks}, rejects)
    assert [(case.what, case.of, case.value) for case in found] == [
        ("in no sample, and no candidate", "depth, note", "2"),
        ("clock not known", "phone", ""),
        ("recorded, and in no known time", "r.wav", "2.000 s"),
        ("least of the reference covered", "depth", "50.0%"),
        ("longest gap", "depth", "4.000 s"),
        ("largest lag", "depth", "-19.500 ms"),
        ("unmatched, and near", "depth", "10.000 ms"),
    ]
    assert found[0].where == "no_reference, e.g. d8: no candidate"


def pooled(**figures: Any) -> dict[str, Any]:
    usual = {"kinds": ["mean"], "steps": 1, "channels": 2, "samples": 4, "samples_without": 0, "gaps": []}
    counts = {"items": 2, "frames": 8, "frames_unmet": 0, "left_out": {}, "left_out_examples": []}
    return {**usual, **counts, **figures}


def test_of_what_was_pooled_the_emptiest_role_is_first_then_the_one_with_frames_in_no_span() -> None:
    roles = {
        "well": pooled(),
        "loose": pooled(frames_unmet=4, kinds=["mean", "max"], steps=3),
        "faulty": pooled(left_out={"it has no time": 1, "no vector": 2}, left_out_examples=["i1"]),
        "empty": pooled(samples_without=2, gaps=["s1", "s2"], channels=0, kinds=["concat"]),
    }
    found = pooled_roles({"pooled": roles})
    assert [(role.name, role.how, role.empty, role.unmet) for role in found] == [
        ("empty", "concat", 2, 0),
        ("loose", "mean, max in 3 steps, 2 channels", 0, 4),
        ("faulty", "mean, 2 channels", 0, 0),
        ("well", "mean, 2 channels", 0, 0),
    ]
    assert (found[0].first_empty, found[2].faults) == ("s1", [("no vector", 2), ("it has no time", 1)])
    assert pooled_roles({}) == []


POOLING = """\
about: words, a sensor that stopped early, and one of other channels
license: CC0-1.0
sources:
  - {kind: table, path: words.csv, text: word, id: word, time: t, duration: d, role: word}
  - {kind: table, path: sensor.csv, values: [x, y], time: t, role: sensor}
  - {kind: table, path: thin.csv, values: [x], time: t, role: sensor, id: id}
align:
  method: timestamp
  reference: word
  pool: {sensor: {kinds: [mean, max]}, word: {kinds: [concat]}, snsor: {}}
"""


def test_the_page_shows_what_was_pooled_and_what_was_not(repository: Repository) -> None:
    files = {
        "words.csv": b"word,t,d\na,10,1\nb,11,1\nc,90,1\n",
        "sensor.csv": b"t,x,y\n8,1,1\n9,1,1\n10,1,1\n11,2,2\n12,3,3\n",
        "thin.csv": b"id,t,x\nz,10,5\n",
    }
    repository.add_batch("pool", POOLING, files)
    repository.run(*STAGES)
    page = (repository.data / "report/index.html").read_text(encoding="utf-8")
    table = page[page.index("What was pooled onto the 3 samples, the worst first") :]
    rows = [
        html.unescape(re.sub("<[^>]*>", "|", row))
        for row in table[: table.index("</table>")].split("<tr>")[2:]
    ]
    found = [[cell for cell in row.replace("\n", "").split("|") if cell] for row in rows]
    nowhere = "without frames, such as "
    assert found == [
        [
            *("snsor", "mean", "0", "3", "0", "0", "nothing has this role"),
            ": the batch has ['sensor', 'word']. Did you mean 'sensor'?",
            *(nowhere, "pool/words.csv#a"),
        ],
        [
            *("sensor", "mean, max, 2 channels", "2", "1", "5", "3", nowhere, "pool/words.csv#c"),
            *("1 left out: it has 1 channels, and the role's first 2, such as ", "pool/thin.csv#z"),
        ],
        ["word", "concat", "3", "0", "3", "0"],
    ]


BATCH = """\
about: stamps of two cameras
license: CC0-1.0
sources:
  - {kind: table, path: left.csv, values: [x], time: t, session: "{s}", role: left, clock: one}
  - {kind: table, path: right.csv, values: [x], time: t, session: "{s}", role: "ri<ght", clock: two}
clocks: {one: reference, two: {offset: 2s}}
align: {method: timestamp, reference: left, tolerance: 100ms}
"""
STAGES = (
    *("fetch", "collect", "label", "encode", "align", "validate"),
    *("fuse", "export", "evaluate", "report"),
)


def test_the_page_shows_the_worst_sessions_as_drawings_with_words_and_is_the_same_twice(
    repository: Repository,
) -> None:
    left = "".join(f"{n},{n},s{n % 5}\n" for n in range(1, 101))
    right = "".join(f"{n - 2}.02,{n},s{n % 5}\n" for n in range(1, 101) if n % 5 != 3 or n < 20)
    files = {"left.csv": f"t,x,s\n{left}".encode(), "right.csv": f"t,x,s\n{right}7.5,1,s1\n".encode()}
    repository.add_batch("rows", BATCH, files)
    repository.run(*STAGES)
    path = repository.data / "report/index.html"
    page = path.read_text(encoding="utf-8")
    assert "3 sessions of 5, the least covered first, on the reference clock" in page
    assert page.index("session <code>s3</code>") < page.index("session <code>s1</code>")
    assert "<desc id=" in page
    assert "ri<ght" not in page
    assert "lag of ri&lt;ght" in page
    assert "<script" not in page
    # Cells break long ids anywhere; the words above them stay whole, however narrow their columns are.
    assert ".tight th { white-space: normal; overflow-wrap: normal;" in page
    repository.run("report")
    assert path.read_text(encoding="utf-8") == page
