"""Work on chunks side by side, results in the chunks' order: the number of workers changes nothing else."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from tasks.core.errors import MachineError

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")


def map_chunks(work: Callable[[Chunk], Result], chunks: Sequence[Chunk], workers: int) -> Iterator[Result]:
    """`work(chunk)` for every chunk, in order; in processes when there are several chunks and workers.

    `workers` -1 means one per core. Results are yielded as they come, so memory holds only a few.
    """
    from joblib import Parallel, delayed, effective_n_jobs  # 0.2 s, and most runs have one chunk

    if len(chunks) < 2 or effective_n_jobs(workers) < 2:
        yield from map(work, chunks)
        return
    others = Parallel(n_jobs=workers, return_as="generator", pre_dispatch="2*n_jobs", batch_size=1)(
        delayed(work)(chunk) for chunk in chunks[1:]
    )
    # Workers take half a second to start; the first chunk is done here meanwhile.
    yield work(chunks[0])
    try:
        yield from others
    except BrokenProcessPool as error:
        raise MachineError(
            "a worker process was killed, as the system does where memory runs out: close other programs, or"
            " set compute.workers in params.yaml to fewer; then run it again"
        ) from error
