import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.by_time.aligning import align_by_time
from tasks.align.members import to_members
from tasks.align.result import Aligned
from tasks.core.align_entry import Align, RoleMatch, Windows
from tests.align.tables import items, labels

NEAREST = Align("timestamp", "rgb", tolerance=20)


def frame(role: str, name: str, start_ns: int, **more: object) -> dict[str, object]:
    return {"item_id": name, "role": role, "start_ns": start_ns, **more}


def aligned(align: Align, *rows: dict[str, object], told: tuple[dict[str, object], ...] = ()) -> Aligned:
    return align_by_time(to_members(items(*rows), labels(*told)), align, "b")


def rows(table: pa.Table, *columns: str) -> list[tuple[object, ...]]:
    return sorted(tuple(row[column] for column in columns) for row in table.to_pylist())


def test_stamps_meet_the_nearest_stamp_within_the_tolerance_one_to_one() -> None:
    found = aligned(
        NEAREST,
        frame("rgb", "r0", 0),
        frame("rgb", "r1", 100),
        frame("depth", "d0", 15),
        frame("depth", "d1", 95),
        frame("depth", "d2", 104),
        frame("depth", "d3", 300),
    )
    assert rows(found.links, "sample_id", "member_id", "lag_ns", "method") == [
        ("r0", "d0", 15, "nearest"),
        ("r0", "r0", None, "reference"),
        ("r1", "d2", 4, "nearest"),
        ("r1", "r1", None, "reference"),
    ]
    assert rows(found.left_out, "member_id", "reason") == [
        ("d1", "taken"),
        ("d3", "no_match_in_tolerance"),
    ]
    assert found.left_out.select(["candidate", "candidate_distance_ns", "taken_by"]).to_pylist() == [
        {"candidate": "r1", "candidate_distance_ns": 200, "taken_by": None},
        {"candidate": "r1", "candidate_distance_ns": 5, "taken_by": "d2"},
    ]


def test_sessions_never_meet_whatever_their_times() -> None:
    found = aligned(
        NEAREST,
        frame("rgb", "r0", 0, session="one"),
        frame("depth", "d0", 0, session="two"),
        frame("rgb", "r1", 10**18, session="two"),
    )
    assert rows(found.links, "sample_id", "member_id") == [("r0", "r0"), ("r1", "r1")]
    assert rows(found.left_out, "member_id", "reason") == [("d0", "no_match_in_tolerance")]


def test_spans_take_all_that_they_overlap_with_the_common_part() -> None:
    found = aligned(
        Align("timestamp", "transcript"),
        frame("audio", "sound", 0, modality="audio", duration_ns=100),
        frame("slide", "s0", 0, duration_ns=40),
        frame("slide", "s1", 40, duration_ns=60),
        frame("slide", "s2", 300, duration_ns=60),
        told=(
            {
                "label_id": "w0",
                "item_id": "sound",
                "task": "transcript",
                "start_ns": 10,
                "end_ns": 50,
                "clock": "reference",
            },
        ),
    )
    assert found.samples.to_pylist() == ["w0"]
    assert rows(found.links, "role", "member_id", "start_ns", "end_ns", "lag_ns", "overlap") == [
        ("audio", "sound", 10, 50, -10, 1.0),
        ("slide", "s0", 10, 40, -10, 0.75),
        ("slide", "s1", 40, 50, 30, 0.25),
        ("transcript", "w0", 10, 50, None, None),
    ]
    assert rows(found.left_out, "member_id", "reason") == [("s2", "no_overlap")]


SHARING = (
    frame("word", "w0", 0, duration_ns=100),
    frame("word", "w1", 100, duration_ns=100),
    frame("slide", "s0", 40, duration_ns=100),
    frame("slide", "s1", 120, duration_ns=10),
    frame("slide", "s2", 150, duration_ns=0),
    frame("slide", "s3", 195, duration_ns=900),
    frame("slide", "s4", 400, duration_ns=900),
)


def test_spans_share_at_least_so_much_of_the_shorter_of_them() -> None:
    found = aligned(Align("timestamp", "word", least_share=0.5), *SHARING)
    slides = found.links.filter(pc.equal(found.links["role"], "slide"))
    assert rows(slides, "sample_id", "member_id") == [("w0", "s0"), ("w1", "s1"), ("w1", "s2")]
    (_, crossing), (_, beyond) = rows(found.left_out, "member_id", "detail")
    assert crossing == "it shares at most 5.0%, with w1; align.least_share asks 50.0%"
    assert "it meets no sample; the nearest, w1, ends" in str(beyond)
    assert rows(found.left_out, "member_id", "candidate") == [("s3", "w1"), ("s4", "w1")]


def test_without_a_least_share_it_is_enough_to_meet() -> None:
    found = aligned(Align("timestamp", "word"), *SHARING)
    slides = found.links.filter(pc.equal(found.links["role"], "slide"))
    assert rows(slides, "sample_id", "member_id") == [
        ("w0", "s0"),
        ("w1", "s0"),
        ("w1", "s1"),
        ("w1", "s2"),
        ("w1", "s3"),
    ]


def test_windows_cut_each_session_from_its_first_start_to_its_last_end() -> None:
    found = aligned(
        Align("timestamp", Windows(window=1_000_000_000, hop=1_000_000_000)),
        frame("audio", "a", 5_000_000_000, duration_ns=2_000_000_000, session="one"),
        frame("image", "i", 6_500_000_000, session="one"),
    )
    assert found.samples.to_pylist() == ["b/one@5s", "b/one@6s"]
    assert rows(found.links, "sample_id", "member_id") == [
        ("b/one@5s", "a"),
        ("b/one@6s", "a"),
        ("b/one@6s", "i"),
    ]


def test_what_has_no_time_is_left_out_but_untimed_labels_go_with_their_item() -> None:
    found = aligned(
        NEAREST,
        frame("rgb", "r0", 0),
        {"item_id": "note", "role": "text", "modality": "text"},
        told=(
            {"label_id": "desk", "item_id": "r0", "task": "classification"},
            {"label_id": "sad", "item_id": "note", "task": "sentiment"},
        ),
    )
    assert rows(found.links, "sample_id", "member_id") == [("r0", "desk"), ("r0", "r0")]
    assert rows(found.left_out, "member_id", "reason") == [("note", "no_time"), ("sad", "item_not_aligned")]


STREAM = st.lists(st.tuples(st.sampled_from("xy"), st.integers(0, 60), st.integers(0, 9)), max_size=12)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    STREAM,
    STREAM,
    st.sampled_from([("nearest", 0.0), ("overlap", 0.0), ("overlap", 0.5), ("auto", 1.0)]),
    st.integers(-(10**15), 10**15),
)
def test_every_member_is_linked_or_left_out_and_moving_all_clocks_moves_nothing_else(
    rgb: list[tuple[str, int, int]], depth: list[tuple[str, int, int]], how: tuple[str, float], shift_ns: int
) -> None:
    def found(moved_ns: int) -> Aligned:
        streams = [("rgb", rgb), ("depth", depth)]
        rows = [
            frame(role, f"{role}{n}", start_ns + moved_ns, session=session, duration_ns=length_ns)
            for role, stream in streams
            for n, (session, start_ns, length_ns) in enumerate(stream)
        ]
        match, least_share = how
        align = Align("timestamp", "rgb", tolerance=5, match=match, least_share=least_share)  # type: ignore[arg-type] # one of the three
        return aligned(align, *rows)

    still, moved = found(0), found(shift_ns)
    linked = set(still.links["member_id"].to_pylist())
    left_out = still.left_out["member_id"].to_pylist()
    assert len(linked) + len(left_out) == len(rgb) + len(depth)
    assert linked.isdisjoint(left_out)
    assert rows(still.links, "sample_id", "member_id") == rows(moved.links, "sample_id", "member_id")


def lagging(align: Align, *times_ns: int) -> Aligned:
    """Frames every 50 and GNSS at those times."""
    frames = [frame("rgb", f"r{n}", 50 * n) for n in range(4)]
    return aligned(align, *frames, *(frame("gnss", f"g{time_ns}", time_ns) for time_ns in times_ns))


def of_gnss(found: Aligned, *columns: str) -> list[tuple[object, ...]]:
    return rows(found.links.filter(pc.equal(found.links["role"], "gnss")), *columns)


def test_a_value_is_held_until_the_next_one_and_no_longer_than_its_role_says() -> None:
    align = Align("timestamp", "rgb", tolerance=20, roles={"gnss": RoleMatch("previous", 60)})
    found = lagging(align, -70, 0, 30, 40, 151)
    assert of_gnss(found, "sample_id", "member_id", "lag_ns", "method") == [
        ("r0", "g0", 0, "previous"),
        ("r1", "g40", -10, "previous"),
        ("r2", "g40", -60, "previous"),
    ]
    assert rows(found.left_out, "member_id", "reason", "candidate", "taken_by", "detail") == [
        (
            "g-70",
            "no_match_in_tolerance",
            "r0",
            None,
            "the nearest sample, r0, starts 0.000 ms after it: past the tolerance by 0.000 ms",
        ),
        (
            "g151",
            "no_match_in_tolerance",
            None,
            None,
            "no sample of its session 'all' starts with it or later: no candidate",
        ),
        (
            "g30",
            "taken",
            "r1",
            "g40",
            "the nearest sample, r1, starts 0.000 ms away, but g40, 0.000 ms away from it, took it",
        ),
    ]


def test_a_member_may_serve_several_samples_or_a_sample_have_several_members() -> None:
    several = lagging(Align("timestamp", "rgb", tolerance=40, match="nearest_per_sample"), 10, 80, 85)
    assert of_gnss(several, "sample_id", "member_id", "lag_ns") == [
        ("r0", "g10", 10),
        ("r1", "g80", 30),
        ("r2", "g85", -15),
    ]
    one = lagging(Align("timestamp", "rgb", tolerance=40, match="nearest_per_member"), 90, 101, 102, 900)
    assert of_gnss(one, "sample_id", "member_id", "lag_ns") == [
        ("r2", "g101", 1),
        ("r2", "g102", 2),
        ("r2", "g90", -10),
    ]
    assert rows(one.left_out, "member_id", "reason") == [("g900", "no_match_in_tolerance")]


def test_what_meets_no_span_goes_to_the_nearest_within_a_tolerance_that_is_said() -> None:
    words = (frame("word", "w0", 0, duration_ns=100), frame("word", "w1", 200, duration_ns=100))
    slides = [
        frame("slide", f"s{start_ns}", start_ns, duration_ns=10) for start_ns in (95, 120, 150, 180, 330)
    ]
    silent = aligned(Align("timestamp", "word"), *words, *slides)
    assert len(silent.left_out) == 4
    said = aligned(Align("timestamp", "word", tolerance=20), *words, *slides)
    links = said.links.filter(pc.equal(said.links["role"], "slide"))
    assert rows(links, "sample_id", "member_id", "lag_ns", "overlap", "method") == [
        ("w0", "s120", 20, None, "nearest"),
        ("w0", "s95", 95, 0.05, "overlap"),
        ("w1", "s180", -10, None, "nearest"),
    ]
    assert rows(said.left_out, "member_id", "reason", "candidate_distance_ns") == [
        ("s150", "no_overlap", 40),
        ("s330", "no_overlap", 30),
    ]
