"""The sensors of a GoPro, beside what gopro-telemetry makes of the same bytes."""

import io
import json
import struct
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasks.core.containers import Sensed, open_reel, play
from tasks.media.gpmf import Sensor, SensorTrack

SECOND = Fraction(1001, 1000)


def sensors(*packets: Sensed) -> dict[str, Sensor]:
    track = SensorTrack()
    for packet in packets:
        track.add(packet)
    return {sensor.name: sensor for sensor in track.sensors()}


def sensed(place: Path) -> Sensed:
    return Sensed(Fraction(0), SECOND, place.read_bytes())


def entry(key: str, kind: str, size: int, payload: bytes) -> bytes:
    header = key.encode() + struct.pack(">cBH", kind.encode(), size, len(payload) // size)
    return header + payload + bytes(-len(payload) % 4)


def device(*streams: bytes, number: int = 1) -> bytes:
    inner = entry("DVID", "L", 4, struct.pack(">I", number)) + entry("DVNM", "c", 1, b"Hero")
    inner += b"".join(entry("STRM", "\0", 1, stream) for stream in streams)
    return entry("DEVC", "\0", 1, inner)


def accelerometer(samples: int, *more: bytes) -> bytes:
    values = np.arange(3 * samples, dtype=">i2").tobytes()
    return b"".join(more) + entry("SCAL", "s", 2, struct.pack(">h", 2)) + entry("ACCL", "s", 6, values)


def packet(start: int, samples: int, seconds: int = 1) -> Sensed:
    return Sensed(Fraction(start), Fraction(seconds), device(accelerometer(samples)))


def test_values_are_scaled_and_samples_share_their_packet() -> None:
    series = sensors(packet(0, 3), packet(1, 4))["ACCL"].series()
    assert series.channels == ("0", "1", "2")
    assert series.time_ns[:5].tolist() == [0, 333_333_333, 666_666_667, 1_000_000_000, 1_250_000_000]
    assert series.values[:2].tolist() == [[0.0, 0.5, 1.0], [1.5, 2.0, 2.5]]


def test_the_last_packet_keeps_the_step_of_the_one_before() -> None:
    series = sensors(packet(0, 4), packet(1, 2))["ACCL"].series()
    assert series.time_ns.tolist() == [0, 250_000_000, 500_000_000, 750_000_000, 1_000_000_000, 1_250_000_000]


def test_axes_are_named_and_signed_by_their_orientation() -> None:
    turned = accelerometer(1, entry("ORIN", "c", 1, b"YxZ"))
    series = sensors(Sensed(Fraction(0), SECOND, device(turned)))["ACCL"].series()
    assert (series.channels, series.values.tolist()) == (("x", "y", "z"), [[-0.5, 0.0, 1.0]])


def test_a_second_device_has_its_id_in_the_name() -> None:
    two = device(accelerometer(1)) + device(accelerometer(2), number=7)
    found = sensors(Sensed(Fraction(0), SECOND, two))
    assert {name: len(sensor.series().time_ns) for name, sensor in found.items()} == {"ACCL": 1, "ACCL-7": 2}


def test_other_streams_are_passed_over() -> None:
    assert sensors(Sensed(Fraction(0), SECOND, b"\0\0\0\x1etmcd")) == {}
    assert sensors(Sensed(Fraction(0), SECOND, device(entry("SHUT", "f", 4, bytes(8))))) == {}
    assert sensors(Sensed(Fraction(0), SECOND, device(accelerometer(0)))) == {}


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (device(accelerometer(3))[:-8], "ends beyond its packet"),
        (device(entry("SCAL", "s", 2, bytes(2)) + entry("ACCL", "s", 6, bytes(6))), "SCAL .* does not fit"),
        (device(entry("ACCL", "f", 6, bytes(6))), "structures of 6 bytes"),
    ],
)
def test_a_broken_packet_is_refused(payload: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sensors(Sensed(Fraction(0), SECOND, payload))


def test_damaged_packets_are_refused_or_read_and_never_crash(corpora: Path) -> None:
    whole = (corpora / "gopro_gpmf" / "samples" / "hero5.raw").read_bytes()
    rng = np.random.default_rng(7)
    for _ in range(200):
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[rng.integers(4, len(whole), 4)] = rng.integers(0, 256, 4)
        with suppress(ValueError):
            sensors(Sensed(Fraction(0), SECOND, damaged.tobytes()))


def truth(corpora: Path, sensor: str) -> list[dict[str, Any]]:
    """What gopro-telemetry says of hero6+ble.raw: per sample its values and its time in ms."""
    place = corpora / "gopro_gpmf" / "telemetry_json" / "samples" / "partials" / "timed.json"
    streams = json.loads(place.read_text())["1"]["DEVC"][0]["STRM"]
    found: list[dict[str, Any]] = next(stream[sensor] for stream in streams if sensor in stream)
    return found


@pytest.mark.parametrize(("sensor", "order"), [("ACCL", (2, 0, 1)), ("GYRO", (2, 0, 1)), ("GPS5", range(5))])
def test_values_and_times_are_those_of_gopro_telemetry(
    corpora: Path, sensor: str, order: tuple[int, ...]
) -> None:
    # It gives z, x, y where we give x, y, z.
    place = corpora / "gopro_gpmf" / "telemetry_json" / "samples" / "hero6+ble.raw"
    series = sensors(sensed(place))[sensor].series()
    expected = truth(corpora, sensor)
    assert series.values[:, order].tolist() == [sample["value"] for sample in expected]
    assert series.time_ns.tolist() == [round(sample["cts"] * 1_000_000) for sample in expected]


def test_names_and_units_are_the_cameras_own(corpora: Path) -> None:
    found = sensors(sensed(corpora / "gopro_gpmf" / "telemetry_json" / "samples" / "hero11.raw"))
    assert sorted(found) == ["ACCL", "CORI", "GPS5", "GPS9", "GRAV", "GYRO", "IORI"]
    gps = found["GPS9"]
    assert gps.channels == ("Lat.", "Long.", "Alt.", "2D", "3D", "days", "secs", "DOP", "fix")
    assert gps.about == {
        "sensor": "GPS9",
        "device": "HERO11 Black",
        "name": "GPS (Lat., Long., Alt., 2D, 3D, days, secs, DOP, fix)",
        "units": "deg, deg, m, m/s, m/s, , s, , ",
    }
    assert gps.series().values[0].tolist() == [
        42.4261529, -8.6499795, 34.098, 0.018, 0.01, 8298.0, 48576.899, 1.79, 3.0
    ]  # fmt: skip
    assert found["ACCL"].about["units"] == "m/s²"


def test_a_film_has_its_sensors_from_its_first_moment_to_its_last(corpora: Path) -> None:
    payload = (corpora / "gopro_gpmf" / "samples" / "max-heromode.mp4").read_bytes()
    with open_reel(io.BytesIO(payload), 10**8) as reel:
        found = sensors(*(event for event in play(reel) if isinstance(event, Sensed)))
    accelerations = found["ACCL"].series()
    assert accelerations.values.shape == (2_082, 3)
    # Its packets last 1.001 s, but for the last; the first has 198 samples.
    assert accelerations.time_ns[:2].tolist() == [0, 5_055_556]
    assert accelerations.time_ns[198] == 1_001_000_000
    assert accelerations.time_ns[-1] == 10_535_777_778
