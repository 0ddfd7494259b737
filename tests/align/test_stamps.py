"""Clocks told by when items say that they were captured."""

from collections.abc import Mapping
from pathlib import Path

from tasks.align.clocks.solving import ClockTable, find_clocks
from tasks.align.clocks.stamps import stamp_synchroniser, with_stamped_starts
from tasks.align.members import to_members
from tasks.core.clock_entry import Clock
from tests.align.tables import items, labels
from tests.align.test_clocks import batch

Row = Mapping[str, object]

BEGIN_S = 1_620_284_889
VIDEO: dict[str, object] = {
    "item_id": "v",
    "clock": "camera",
    "start_ns": 0,
    "captured_at": "2021-05-06T07:08:09Z",
}


def told(clock: Clock, *rows: Row, video: Row = VIDEO, camera: Clock | None = None) -> ClockTable:
    table = items(dict(video), *({"clock": "phone", **row} for row in rows))
    delivered = batch(Path(), phone=clock, **({"camera": camera} if camera else {}))
    stamped = with_stamped_starts(table, delivered)
    members = to_members(stamped, labels())
    return find_clocks(members, delivered, {"metadata": stamp_synchroniser(stamped, delivered)})


def row_of(found: ClockTable) -> tuple[object, ...]:
    (row,) = (row for row in found.rows if row["clock"] == "phone")
    return tuple(
        row[name] for name in ("method", "offset_ns", "drift_ppm", "residual_ns", "within_tolerance")
    )


METADATA = Clock(sync="metadata")


def test_two_stamps_tell_the_offset_as_well_as_their_seconds() -> None:
    found = told(METADATA, {"item_id": "p", "start_ns": 0, "captured_at": "2021-05-06T09:08:19+02:00"})
    assert row_of(found) == ("metadata", 10_000_000_000, 0.0, 1_000_000_000, False)


def test_a_tolerance_of_its_own_lets_a_coarse_clock_pass() -> None:
    clock = Clock(sync="metadata", tolerance=2_000_000_000)
    found = told(clock, {"item_id": "p", "start_ns": 0, "captured_at": "2021-05-06T09:08:19+02:00"})
    assert row_of(found)[-1] is True


def test_photos_without_a_start_get_that_of_their_stamp() -> None:
    photos: list[dict[str, object]] = [
        {"item_id": f"p{n}", "captured_at": f"2021-05-06T07:08:{10 + n}Z"} for n in range(3)
    ]
    table = items(VIDEO, *({"clock": "phone", **photo} for photo in photos))
    stamped = with_stamped_starts(table, batch(Path(), phone=METADATA))
    starts = dict(zip(stamped["item_id"].to_pylist(), stamped["start_ns"].to_pylist(), strict=True))
    assert [starts[f"p{n}"] for n in range(3)] == [(BEGIN_S + 1 + n) * 10**9 + 5 * 10**8 for n in range(3)]
    # On the reference clock, 1.5 s into the video whose own start is anywhere in its first second.
    assert row_of(told(METADATA, *photos))[1] == -(BEGIN_S * 10**9 + 5 * 10**8)


def test_a_zone_that_is_not_known_is_refused_unless_it_is_declared() -> None:
    photo = {"item_id": "p", "captured_at": "2021-05-06T09:08:19"}
    ((key, sentence),) = told(METADATA, photo).unknown.items()
    assert key == ("all", "phone")
    assert "p was captured at 2021-05-06T09:08:19, and in which zone is not known" in sentence
    assert 'utc_offset: "+02:00"' in sentence
    found = told(Clock(sync="metadata", utc_offset="+02:00"), photo)
    assert row_of(found)[:2] == ("metadata", -(BEGIN_S * 10**9 + 5 * 10**8))


LOCAL_VIDEO = VIDEO | {"captured_at": "2021-05-06T09:08:09"}


def test_the_stamps_of_the_reference_may_be_in_local_time_too() -> None:
    photo = {"item_id": "p", "start_ns": 0, "captured_at": "2021-05-06T07:08:19Z"}
    ((_, sentence),) = told(METADATA, photo, video=LOCAL_VIDEO).unknown.items()
    assert "v was captured at 2021-05-06T09:08:09, and in which zone is not known" in sentence
    assert 'say so under clocks: camera: {reference: true, utc_offset: "+02:00"}' in sentence
    camera = Clock(reference=True, utc_offset="+02:00")
    found = told(METADATA, photo, video=LOCAL_VIDEO, camera=camera)
    assert row_of(found)[:2] == ("metadata", 10_000_000_000)
    assert [row["method"] for row in found.rows if row["clock"] == "camera"] == ["reference"]


def test_each_of_two_clocks_may_have_a_zone_of_its_own() -> None:
    photo = {"item_id": "p", "start_ns": 0, "captured_at": "2021-05-06T16:08:19"}
    zones = Clock(sync="metadata", utc_offset="+09:00"), Clock(reference=True, utc_offset="+02:00")
    found = told(zones[0], photo, video=LOCAL_VIDEO, camera=zones[1])
    assert row_of(found)[1] == 10_000_000_000


def test_the_times_of_the_reference_may_be_stamps_themselves() -> None:
    sensor = VIDEO | {"start_ns": BEGIN_S * 10**9, "captured_at": None}
    photo = {"item_id": "p", "start_ns": 0, "captured_at": "2021-05-06T07:08:09.000000000Z"}
    found = told(METADATA, photo, video=sensor, camera=Clock(reference=True, epoch="unix"))
    assert row_of(found) == ("metadata", BEGIN_S * 10**9, 0.0, 0, True)


def test_photos_on_the_reference_are_put_beside_a_clock_of_epochs_by_their_stamps() -> None:
    photo = VIDEO | {"start_ns": None}
    found = told(Clock(sync="metadata", epoch="unix"), {"item_id": "p", "start_ns": 5}, video=photo)
    assert row_of(found)[:2] == ("metadata", 0)


def test_a_clock_without_a_stamp_is_refused() -> None:
    ((_, sentence),) = told(METADATA, {"item_id": "p", "start_ns": 0}).unknown.items()
    assert "needs an item on clock 'phone' in session 'all' that says when it was captured" in sentence


def test_epochs_of_unix_and_gps_are_stamps_themselves() -> None:
    fine = VIDEO | {"captured_at": "2021-05-06T07:08:09.000000000Z"}
    unix = told(
        Clock(sync="metadata", epoch="unix"), {"item_id": "p", "start_ns": BEGIN_S * 10**9 + 7}, video=fine
    )
    assert row_of(unix) == ("metadata", -BEGIN_S * 10**9, 0.0, 0, True)
    # 2021-05-06 was a Thursday of GPS week 2156; GPS was 18 s ahead.
    of_week_ns = (4 * 86_400 + 7 * 3600 + 8 * 60 + 9 + 18) * 10**9
    gps = told(
        Clock(sync="metadata", epoch="gps", gps_week=2156),
        {"item_id": "p", "start_ns": of_week_ns + 5},
        video=fine,
    )
    assert row_of(gps) == ("metadata", -of_week_ns, 0.0, 0, True)


def test_stamps_that_contradict_each_other_refuse_the_clock_and_not_the_run() -> None:
    memo = {"item_id": "memo", "start_ns": 0, "captured_at": "2021-05-06T09:08:19"}
    photo = {"item_id": "p", "captured_at": "2021-05-06T07:08:19Z"}
    found = told(METADATA, memo, photo)
    assert [row["clock"] for row in found.rows if row.get("offset_ns") is not None] == ["camera"]
    ((key, sentence),) = found.unknown.items()
    assert key == ("all", "phone")
    assert "memo was captured at 2021-05-06T09:08:19, and in which zone is not known" in sentence


def test_the_zero_of_a_clock_is_told_once_for_all_its_photos() -> None:
    # Told anew for each of them, this would take an hour.
    count = 20_000
    photos: list[dict[str, object]] = [
        {"item_id": f"p{n}", "clock": "phone", "captured_at": "2021-05-06T07:08:19Z"} for n in range(count)
    ]
    films = [photo | {"item_id": f"v{n}", "start_ns": 0} for n, photo in enumerate(photos)]
    stamped = with_stamped_starts(items(VIDEO, *films, *photos), batch(Path(), phone=METADATA))
    assert stamped["start_ns"].to_pylist() == [0] * (1 + 2 * count)
