"""How fast sentences get their times, and two performances are warped, and how much memory that takes.

    python -m benchmarks.texts

reads   nothing: texts and melodies are made here with a fixed seed
writes  a line per size to the terminal: words a second of sentences against a recogniser's words with a fifth
        of them wrong, of a text that repeats four words, and of members in sessions of a hundred sentences;
        seconds for two performances of a melody; with the most memory of the process, each size in a process
        of its own, after a first run that compiles
"""

import resource
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa

from tasks.align.members import MEMBERS
from tasks.align.sound.samples import Recordings
from tasks.align.texts.spans import Cues, time_sentences
from tasks.align.texts.times import SAID, time_texts
from tasks.align.warp.synchronise import WarpRefusal, warp_sound
from tasks.core.batch_file import Text
from tests.align.playing import RATE_HZ, compose, perform

WORDS = (10_000, 40_000, 160_000)
REPEATED = (2_500, 10_000, 40_000)
SENTENCES = (2_000, 8_000, 32_000)
NOTES = (300, 1200, 4800)
WORD_NS = 300_000_000


def garbled(words: list[str], random: np.random.Generator) -> list[str]:
    """What a recogniser may have heard: a tenth changed, a twentieth missing, a twentieth put in."""
    kinds = random.choice(4, len(words), p=[0.8, 0.1, 0.05, 0.05])
    others = random.permutation(np.array(words))
    heard: list[str] = []
    for word, other, kind in zip(words, others.tolist(), kinds.tolist(), strict=True):
        heard += [[word], [other], [], [word, other]][kind]
    return heard


def words_of(count: int, *, repeated: bool) -> list[str]:
    """Words as frequent as those of a language, or four words over and over."""
    if repeated:
        return ["round", "and", "around", "again"] * (count // 4)
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnoprstuvwyz"))
    vocabulary = ["".join(random.choice(letters, random.integers(2, 9))) for _ in range(8000)]
    return [vocabulary[row] for row in ((random.zipf(1.3, count) - 1) % 8000).tolist()]


def time_text(count: int, *, repeated: bool) -> str:
    """One size of text."""
    words = words_of(count, repeated=repeated)
    heard = garbled(words, np.random.default_rng(1))
    starts = np.arange(len(heard), dtype=np.int64) * WORD_NS
    lines = [" ".join(words[first : first + 12]) for first in range(0, count, 12)]
    cues = Cues(heard, starts, starts + WORD_NS)
    time_sentences(lines[:10], Cues(heard[:99], starts[:99], starts[:99] + WORD_NS), 0.5)
    begin = time.perf_counter()
    found = time_sentences(lines, cues, 0.5)
    taken_s = time.perf_counter() - begin
    what = "four words over and over" if repeated else "sentences"
    return (
        f"{what}: {count} words against {len(heard)}: {taken_s:.2f} s, {count / taken_s:,.0f} words/s, "
        f"{len(found.rows)} of {len(lines)} found"
    )


def time_members(count: int) -> str:
    """Sentences of twelve words in sessions of a hundred sentences, each beside what its recogniser heard."""
    words, random = words_of(count * 12, repeated=False), np.random.default_rng(1)
    tables = [_session(number, words[number * 1200 :][:1200], random) for number in range(count // 100)]
    members, said = (pa.concat_tables(parts).combine_chunks() for parts in zip(*tables, strict=True))
    time_texts(tables[0][0], tables[0][1], (Text("caption", "transcript"),))
    before_mb, begin = peak_mb(), time.perf_counter()
    timed = time_texts(members, said, (Text("caption", "transcript"),))
    taken_s = time.perf_counter() - begin
    return (
        f"members: {count} sentences in {len(tables)} sessions beside {len(members) - count} words: "
        f"{taken_s:.2f} s, {12 * count / taken_s:,.0f} words/s, {len(timed.found)} found; the tables have "
        f"{(members.nbytes + said.nbytes) / 1e6:.0f} MB, timing took {peak_mb() - before_mb:.0f} MB more"
    )


def _session(number: int, words: list[str], random: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """The members of a session, and what they say."""
    lines = [" ".join(words[first : first + 12]) for first in range(0, len(words), 12)]
    heard = garbled(words, random)
    ids = [f"talks/{number:06}.txt:{row}" for row in range(len(lines))]
    ids += [f"talks/{number:06}.ctm:{row}" for row in range(len(heard))]
    starts_ns = [*([None] * len(lines)), *(row * WORD_NS for row in range(len(heard)))]
    columns = {
        "role": ["caption"] * len(lines) + ["transcript"] * len(heard),
        "kind": ["label"] * len(ids),
        "member_id": ids,
        "item_id": [f"talks/{number:06}.wav"] * len(ids),
        "label_id": ids,
        "session": [f"{number:06}"] * len(ids),
        "modality": [None] * len(ids),
        "clock": ["reference"] * len(ids),
        "start_ns": starts_ns,
        "end_ns": [None if start is None else start + WORD_NS for start in starts_ns],
    }
    said = {"member_id": ids, "text": [*lines, *heard], "label": [None] * len(ids)}
    return pa.table(columns, schema=MEMBERS), pa.table(said, schema=SAID)


def time_warp(notes: int) -> str:
    """One length of a melody, played twice."""
    melody = compose(notes, 3)
    first, second = perform(melody, 1.0, 0.15, 1), perform(melody, 1.2, 0.2, 2)
    short = compose(60, 1)
    warp_sound(Recordings(perform(short, 1.0, 0.1, 1).sound, perform(short, 1.1, 0.1, 2).sound, RATE_HZ))
    before_mb = peak_mb()
    begin = time.perf_counter()
    pieces = warp_sound(Recordings(first.sound, second.sound, RATE_HZ))
    taken_s = time.perf_counter() - begin
    if isinstance(pieces, WarpRefusal):
        return f"warp, {notes} notes: {pieces}"
    bounds = np.array([piece.from_ns for piece in pieces], np.float64)
    images = np.array([piece.line.offset_ns + piece.line.anchor_ns for piece in pieces], np.float64)
    knots = np.array([piece.line.anchor_ns for piece in pieces], np.float64)
    placed_s = np.interp(second.starts_s, knots[1:] / 1e9, images[1:] / 1e9)
    misses_ms = 1000 * np.abs(placed_s - first.starts_s)
    return (
        f"warp: {first.starts_s[-1]:.0f} s onto {second.starts_s[-1]:.0f} s: {taken_s:.1f} s, "
        f"{len(bounds)} pieces, {peak_mb() - before_mb:.0f} MB more than the {before_mb:.0f} MB before; "
        f"half of the notes missed by at most {np.median(misses_ms):.0f} ms, "
        f"98 % by at most {np.quantile(misses_ms, 0.98):.0f} ms"
    )


def peak_mb() -> float:
    """The most memory that this process has ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    """Every size in a process of its own; with arguments, one of them."""
    if len(sys.argv) == 3:
        what, size = sys.argv[1], int(sys.argv[2])
        ways = {"warp": time_warp, "members": time_members}
        line = ways[what](size) if what in ways else time_text(size, repeated=what == "repeated")
        print(f"{line}; peak {peak_mb():.0f} MB", flush=True)
        return
    for what, sizes in (("text", WORDS), ("repeated", REPEATED), ("members", SENTENCES), ("warp", NOTES)):
        for size in sizes:
            subprocess.run([sys.executable, "-m", "benchmarks.texts", what, str(size)], check=True)


if __name__ == "__main__":
    main()
