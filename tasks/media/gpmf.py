"""The sensor track of a GoPro (GPMF): measured values in their units, each with its time.

reads   the packets of a GPMF stream, each with its time and duration in the container
writes  one series per sensor and device: float64, int64 ns from the start of the container
Specification: github.com/gopro/gpmf-parser, its README. Our own small reader, because what is on PyPI needs
the ffmpeg program and plotting packages (pygpmf-oz), opens files itself and has had no release for years
(telemetry-parser, gpmf), or binds the C parser, which takes paths only (py-gpmf-parser).
Values are divided by SCAL; their units are SIUN or UNIT. Channels: with ORIN, which names the axis and (small
letter) the sign of each channel, they are x, y and z; else what STNM says in brackets; else numbers from 0.
Times: a packet's samples share its duration evenly, and the first is at its time. The last packet of a
recording is rarely full, but lasts as long as the others: its samples keep the step of the packet before.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.core.containers import Sensed
from tasks.core.series import Series
from tasks.core.times import NS_PER_S

MARK = b"DEVC"
_SENSORS = frozenset(("ACCL", "CORI", "GPS5", "GPS9", "GRAV", "GYRO", "IORI", "MAGN"))
_NUMBERS = {
    "b": ">i1",
    "B": ">u1",
    "d": ">f8",
    "f": ">f4",
    "j": ">i8",
    "J": ">u8",
    "l": ">i4",
    "L": ">u4",
    "s": ">i2",
    "S": ">u2",
}
_COMPLEX, _TEXT, _NESTED = "?", "c", "\0"
_IN_BRACKETS = re.compile(r"\((.+)\)")
_REPEATED_TYPE = re.compile(r"(\w)\[(\d+)\]")

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Entry:
    """A key with its values: `kind` is one letter, `size` the bytes of one of `repeat` structures."""

    key: str
    kind: str
    size: int
    repeat: int
    payload: bytes


@dataclass
class Sensor:
    """One sensor of one device: its measurements packet by packet, and what the track says of them."""

    name: str
    about: dict[str, str]
    channels: tuple[str, ...]
    packets: list[tuple[Sensed, Values]] = field(default_factory=list)

    def series(self) -> Series:
        """All measurements, in order."""
        times: list[int] = []
        step = None
        for number, (sensed, values) in enumerate(self.packets):
            own = sensed.duration / len(values)
            last = number == len(self.packets) - 1
            step = min(own, step) if last and step else own
            times += _times(sensed.time, step, len(values))
        measured = np.concatenate([values for _, values in self.packets])
        return Series(np.array(times, np.int64), self.channels, measured)


class SensorTrack:
    """Takes the packets of a container's streams as they come; those that are no GPMF are passed over."""

    def __init__(self) -> None:
        self._sensors: dict[tuple[str, str], Sensor] = {}

    def add(self, sensed: Sensed) -> None:
        """Take one packet; ValueError where it is broken."""
        if not sensed.payload.startswith(MARK):
            return
        for device in _entries(sensed.payload):
            if device.key == "DEVC" and device.kind == _NESTED:
                self._add_device(device, sensed)

    def sensors(self) -> list[Sensor]:
        """Every sensor that measured something; those of a second device have its id in their names."""
        return [self._sensors[key] for key in sorted(self._sensors)]

    def _add_device(self, device: _Entry, sensed: Sensed) -> None:
        entries = list(_entries(device.payload))
        told = {entry.key: _shown(entry) for entry in entries if entry.kind != _NESTED}
        for stream in entries:
            if stream.key == "STRM" and stream.kind == _NESTED:
                self._add_stream(list(_entries(stream.payload)), told, sensed)

    def _add_stream(self, entries: list[_Entry], device: Mapping[str, str], sensed: Sensed) -> None:
        measured = next((entry for entry in entries if entry.key in _SENSORS), None)
        if measured is None or not measured.repeat:
            return
        stream = {entry.key: entry for entry in entries}
        values = _scaled(measured, stream)
        channels, values = _oriented(values, stream)
        sensor = self._sensor(measured.key, device, stream, channels)
        if sensor.channels != channels:
            raise ValueError(f"{measured.key} has {channels}, and had {sensor.channels}")
        sensor.packets.append((sensed, values))

    def _sensor(
        self, key: str, device: Mapping[str, str], stream: Mapping[str, _Entry], channels: tuple[str, ...]
    ) -> Sensor:
        identity = (key, device.get("DVID", ""))
        if identity not in self._sensors:
            known = any(other_key == key for other_key, _ in self._sensors)
            name = f"{key}-{identity[1]}" if known else key
            units = stream.get("SIUN") or stream.get("UNIT")
            about = {
                "sensor": key,
                "device": device.get("DVNM", ""),
                "name": _shown(stream["STNM"]) if "STNM" in stream else "",
                "units": _shown(units) if units else "",
            }
            self._sensors[identity] = Sensor(name, about, channels)
        return self._sensors[identity]


def _times(start: Fraction, step: Fraction, count: int) -> list[int]:
    """The nearest ns of start + n x step: whole numbers throughout."""
    whole = start.denominator * step.denominator
    first, each = start.numerator * step.denominator, step.numerator * start.denominator
    return [(2 * (first + each * n) * NS_PER_S + whole) // (2 * whole) for n in range(count)]


def _entries(payload: bytes) -> Iterator[_Entry]:
    """Key, length and value of each entry; the values are padded to 4 bytes."""
    position = 0
    while position + 8 <= len(payload):
        key, kind, size, repeat = struct.unpack_from(">4scBH", payload, position)
        end = position + 8 + size * repeat
        if key == b"\0\0\0\0":
            return
        if end > len(payload):
            raise ValueError(f"the entry {key!r} ends beyond its packet")
        name = key.decode("latin-1")
        yield _Entry(name, kind.decode("latin-1"), size, repeat, payload[position + 8 : end])
        position = end + -end % 4


def _shown(entry: _Entry) -> str:
    """The value as text; of several, all of them."""
    if entry.kind != _TEXT:
        return ", ".join(f"{number:g}" for number in _numbers(entry, {}).ravel()[:16])
    if entry.size <= 1:
        return entry.payload.rstrip(b"\0").decode("latin-1")
    parts = [entry.payload[at : at + entry.size] for at in range(0, len(entry.payload), entry.size)]
    return ", ".join(part.rstrip(b"\0").decode("latin-1") for part in parts)


def _numbers(entry: _Entry, stream: Mapping[str, _Entry]) -> Values:
    """The values, a row for each structure; empty where they are of a kind that is not known."""
    kinds = entry.kind
    if kinds == _COMPLEX and "TYPE" in stream:
        kinds = _REPEATED_TYPE.sub(lambda match: match[1] * int(match[2][:2]), _shown(stream["TYPE"]))
    if any(kind not in _NUMBERS for kind in kinds):
        return np.empty((0, 0))
    form = np.dtype([(str(place), _NUMBERS[kind]) for place, kind in enumerate(kinds)])
    if not entry.size or entry.size % form.itemsize:
        raise ValueError(f"{entry.key} has structures of {entry.size} bytes, expected {form.itemsize}")
    table: npt.NDArray[Any] = np.frombuffer(entry.payload, form)
    columns = np.column_stack([table[name].astype(np.float64) for name in form.names or ()])
    return columns.reshape(entry.repeat, -1)


def _scaled(measured: _Entry, stream: Mapping[str, _Entry]) -> Values:
    values = _numbers(measured, stream)
    if "SCAL" not in stream:
        return values
    scale = _numbers(stream["SCAL"], {}).ravel()
    if not scale.all() or len(scale) not in (1, values.shape[1]):
        raise ValueError(f"SCAL {scale.tolist()} does not fit the {values.shape[1]} channels")
    return values / scale


def _oriented(values: Values, stream: Mapping[str, _Entry]) -> tuple[tuple[str, ...], Values]:
    """The names of the channels, and the values in that order."""
    count = values.shape[1]
    axes = _shown(stream["ORIN"]) if "ORIN" in stream else ""
    if sorted(axes.lower()) == ["x", "y", "z"] and count == 3:
        places = [axes.lower().index(axis) for axis in "xyz"]
        signs = [-1.0 if axes[place].islower() else 1.0 for place in places]
        return ("x", "y", "z"), values[:, places] * signs
    told = _IN_BRACKETS.search(_shown(stream["STNM"])) if "STNM" in stream else None
    names = tuple(part.strip() for part in re.split(r"[,;]", told[1])) if told else ()
    if len(names) != count or len(set(names)) != count:
        names = tuple(str(number) for number in range(count))
    return names, values
