"""How much memory and time two long recordings take to be put on one clock by their sound.

    python -m benchmarks.sound

reads   nothing: for each length two noisy WAV files of one event, 20 s apart, are made in a temporary folder
writes  a line per length to the terminal: CPU seconds, also by the hour, and the peak of resident memory, all
        of a process of its own that decodes, compares and does nothing else; its first line is one that has
        only loaded what is needed for that
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
import pyarrow as pa
import soundfile

from tasks.align.sound.hearing import Hearing
from tasks.align.sound.recordings import HeardClocks
from tasks.core.times import NS_PER_S
from tests.align.tables import items

RATE_HZ = 16_000
LENGTHS_MIN = (1, 15, 30, 60, 120)
LEAD_S = 20
BLOCK_S = 60
LOOKS_PER_SECOND = 100


def record(folder: Path, minutes: int) -> None:
    """Write a.wav and b.wav, which begins later: noise, now loud now soft, that both hear, and their own."""
    random = np.random.default_rng(minutes)
    samples = BLOCK_S * RATE_HZ
    with (
        soundfile.SoundFile(folder / "a.wav", "w", RATE_HZ, 1) as reference,
        soundfile.SoundFile(folder / "b.wav", "w", RATE_HZ, 1) as other,
    ):
        for block in range(minutes):
            event = random.standard_normal(samples, dtype=np.float32)
            event *= np.repeat(random.random(samples // 2000, dtype=np.float32), 2000)
            for file, first in ((reference, 0), (other, 0 if block else LEAD_S * RATE_HZ)):
                noise = random.standard_normal(samples, dtype=np.float32)
                file.write(0.1 * (event + 0.5 * noise)[first:])


def collected(folder: Path) -> pa.Table:
    """The rows of `items` for the two, which lie in the folder as they are."""
    rows = []
    for clock in ("a", "b"):
        place = folder / f"{clock}.wav"
        duration_ns = soundfile.info(place).frames * NS_PER_S // RATE_HZ
        rows.append(
            {"item_id": clock, "clock": clock, "modality": "audio", "start_ns": 0, "duration_ns": duration_ns}
            | {"channels": 1, "shard": place.name, "offset": 0, "size": place.stat().st_size}
        )
    return items(*rows)


def measure(folder: Path) -> tuple[dict[str, float], float]:
    """What a process of its own says of the two recordings, and its peak of resident memory in MB."""
    command = [sys.executable, "-m", "benchmarks.sound", str(folder)]
    peak_bytes = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        while started.poll() is None:
            peak_bytes = max(peak_bytes, _resident_bytes(started.pid))
            time.sleep(1 / LOOKS_PER_SECOND)
        told, _ = started.communicate()
    if started.returncode:
        raise subprocess.CalledProcessError(started.returncode, command)
    figures: dict[str, float] = json.loads(told)
    return figures, peak_bytes / 1e6


def _resident_bytes(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def synchronise(folder: Path) -> None:
    """Put b on a, and print the CPU seconds and the offset."""
    started_s = time.process_time()
    hearing = Hearing(folder, RATE_HZ, folder)
    (piece,) = HeardClocks(collected(folder), hearing).synchronise("all", "b", "a")
    cpu_s = time.process_time() - started_s
    print(json.dumps({"cpu_s": cpu_s, "offset_s": piece.line.offset_ns / NS_PER_S}))


def main() -> None:
    """Measure every length, the shortest first."""
    for minutes in LENGTHS_MIN:
        with TemporaryDirectory() as temporary:
            record(Path(temporary), minutes)
            figures, peak_mb = measure(Path(temporary))
        cpu_s = figures["cpu_s"]
        print(
            f"{minutes:4} min: {cpu_s:6.1f} s CPU, {cpu_s / minutes * 60:5.1f} s an hour,"
            f" peak {peak_mb:5.0f} MB, offset {figures['offset_s']:.6f} s",
            flush=True,
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        synchronise(Path(sys.argv[1]))
    else:
        main()
