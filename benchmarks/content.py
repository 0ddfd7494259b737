"""What aligning by content costs: beside numpy's own product, over three sizes, with its memory.

    python -m benchmarks.content
    OPENBLAS_CORETYPE=Haswell python -m benchmarks.content

reads   nothing: vectors, hashes and texts are made here with a fixed seed
writes  one line per figure to the terminal; ratios in one run, because machines are noisy, and the kernel
        that OpenBLAS runs, because OPENBLAS_CORETYPE or the processor may choose another one

Each figure is taken in a process of its own, so that its peak of resident memory is its own, and on one
thread, as processor time, so that other work on the machine counts little.
"""

import multiprocessing
import os
import resource
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from tasks.align.by_content.assignment import pair_by_assignment
from tasks.align.by_content.compare_texts import weigh
from tasks.align.by_content.pairing import Limits, pair_mutual
from tasks.align.by_content.rows import DenseRows, HashRows, Rows, SparseRows, unit_rows
from tasks.align.by_content.similarity import BLOCK_ROWS
from tasks.core.near_hashes import UInt64s, near_pairs

VECTORS, WIDTH = (5_000, 10_000, 20_000), 256
HASHES, NEAR_BITS = (250_000, 500_000, 1_000_000), 6
TEXTS, WORDS_OF_TEXT, VOCABULARY = (2_500, 5_000, 10_000), 12, 20_000
ASSIGNED = (2_500, 5_000, 10_000)
LOOKS = (25_000, 50_000, 100_000)
RUNS = 3


def seconds(*works: Callable[[], object]) -> list[float]:
    """The least processor time of a few runs of each, taken in turns so that a busy minute meets all."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(RUNS):
        for work, times in zip(works, taken, strict=True):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
    return [min(times) for times in taken]


def random_vectors(rows: int) -> tuple[DenseRows, DenseRows]:
    """The vectors, and the same ones disturbed: all of 256 dimensions and of length 1."""
    random = np.random.default_rng(0)
    reference = random.standard_normal((rows, WIDTH), dtype=np.float32)
    other = reference + 0.3 * random.standard_normal((rows, WIDTH), dtype=np.float32)
    return unit_rows(reference), unit_rows(other)


def compare_vectors(rows: int) -> str:
    """Mutual nearest neighbours, by the time of every product with nothing done with it."""
    reference, other = random_vectors(rows)
    product_s, paired_s = seconds(
        lambda: multiply_blocks(reference, other), lambda: pair_mutual(reference, other, Limits(0.5, 0.01))
    )
    return f"{paired_s:8.2f} s {paired_s / product_s:8.2f} x numpy's blocked product"


def multiply_blocks(reference: Rows, other: Rows) -> None:
    """Every product, and nothing done with it."""
    for row in range(0, len(other), BLOCK_ROWS):
        for column in range(0, len(reference), BLOCK_ROWS):
            other.matrix[row : row + BLOCK_ROWS] @ reference.matrix[column : column + BLOCK_ROWS].T


def assign_vectors(rows: int) -> str:
    """Optimal assignment of vectors that have few candidates each."""
    reference, other = random_vectors(rows)
    (assigned_s,) = seconds(lambda: pair_by_assignment(reference, other, Limits(0.5, 0.01)))
    return f"{assigned_s:8.2f} s"


def pair_texts(rows: int) -> str:
    """Mutual nearest neighbours by TF-IDF, texts of twelve words with three of them changed."""
    random = np.random.default_rng(0)
    words = random.zipf(1.3, (2 * rows, WORDS_OF_TEXT)) % VOCABULARY
    words[rows:, :-3] = words[:rows, :-3]
    texts = [" ".join(f"w{word}" for word in text) for text in words.tolist()]

    def pair() -> None:
        matrix = weigh(texts)
        pair_mutual(SparseRows(matrix[:rows]), SparseRows(matrix[rows:]), Limits(0.5))

    return f"{seconds(pair)[0]:8.2f} s"


def pair_pictures(rows: int) -> str:
    """Mutual nearest neighbours among perceptual hashes."""
    hashes = random_hashes(2 * rows)
    (paired_s,) = seconds(lambda: pair_mutual(HashRows(hashes[:rows]), HashRows(hashes[rows:]), Limits(0.9)))
    return f"{paired_s:8.2f} s {paired_s / rows**2 * 1e9:8.2f} ns a pair"


def random_hashes(count: int) -> UInt64s:
    """Distinct hashes in any order, every tenth near another one."""
    random = np.random.default_rng(0)
    hashes = random.integers(0, 2**64, count, np.uint64)
    copies = count // 10
    hashes[:copies] = hashes[copies : 2 * copies]
    for _ in range(NEAR_BITS):
        hashes[:copies] ^= np.uint64(1) << random.integers(0, 64, copies, np.uint64)
    distinct = np.unique(hashes)
    random.shuffle(distinct)
    return distinct


def search_hashes(count: int) -> str:
    """Every two that differ in at most six bits."""
    hashes = random_hashes(count)
    start = time.process_time()
    pairs = sum(len(one) for one, _ in near_pairs(hashes, NEAR_BITS))
    taken_s = time.process_time() - start
    return f"{taken_s:8.2f} s {pairs:8} pairs"


FIGURES: dict[str, tuple[Callable[[int], str], tuple[int, ...]]] = {
    f"mutual, vectors of {WIDTH}": (compare_vectors, VECTORS),
    f"assignment, vectors of {WIDTH}": (assign_vectors, ASSIGNED),
    "mutual, texts": (pair_texts, TEXTS),
    "mutual, picture hashes": (pair_pictures, LOOKS),
    f"hashes near by {NEAR_BITS} bits": (search_hashes, HASHES),
}


def measure(name: str, size: int) -> str:
    """One line: the figure on one thread, and the peak of resident memory of its process, data included."""
    work = FIGURES[name][0]
    with threadpool_limits(1):
        told = work(size)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{name:28} {size:9} {peak_mb:7.0f} MB {told}"


def main() -> None:
    """Print every figure at its three sizes."""
    kernels = sorted({str(pool.get("architecture")) for pool in threadpool_info()})
    print(f"OpenBLAS kernel {kernels}, OPENBLAS_CORETYPE={os.environ.get('OPENBLAS_CORETYPE', 'not set')}")
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for name, (_, sizes) in FIGURES.items():
            for size in sizes:
                print(pool.apply(measure, (name, size)), flush=True)


if __name__ == "__main__":
    main()
