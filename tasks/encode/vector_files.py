"""Encode entries chunk by chunk and write them as they come, so memory holds a few chunks at a time.

reads   entries, media shards
writes  <modality>.arrow and, where the encoder gives sequences, <modality>_frames.arrow; rejects (in memory)

A chunk's borders depend on the entries alone and its work runs on one thread, so that the bytes are the same
for any number of workers.

Every encoder's numbers are checked here, so that no later stage meets one that is not finite, or so large
that its square is not: such an entry has no vector and no sequence, and is a reject.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from tasks.core.decoder_noise import DecoderNoise
from tasks.core.encoder import Encoder
from tasks.core.parallel import map_chunks
from tasks.core.rejects import Reject
from tasks.core.shards import ShardReader
from tasks.core.vectors import Frames, Matrix, Vectors, write_frames, write_vectors
from tasks.encode.entries import Entry

_CHUNK_TEXTS = 1024
_CHUNK_MEDIA = 128
_CHUNK_BYTES = 32 * 1024 * 1024
# Squares of it can be summed over 1e8 rows in float32, whose seven digits have no use for more.
LARGEST_VALUE = 1e15


@dataclass(frozen=True)
class Media:
    """Where the shards are, and how many processes may read them."""

    folder: Path
    workers: int


@dataclass(frozen=True)
class EncodedChunk:
    """What came of one chunk: vectors in its order, sequences by id, and what could not be encoded."""

    vectors: Vectors
    frames: list[tuple[str, Frames]]
    rejects: list[Reject]


def write_modality(encoder: Encoder, entries: Sequence[Entry], media: Media, output: Path) -> list[Reject]:
    """Write the vectors of these entries; the entries that the encoder refused."""
    work = partial(_encode_chunk, encoder, media.folder)
    chunks = map_chunks(work, list(_cut(entries)), 1 if encoder.one_process else media.workers)
    rejects: list[Reject] = []
    path = output / f"{encoder.modality}.arrow"
    if encoder.frames is None:
        rows = write_vectors(path, _vectors(chunks, rejects), encoder.dimensions, encoder.space)
    else:
        rows = _write_both(encoder, chunks, rejects, path)
    if not rows:
        path.unlink()
    return rejects


def _vectors(chunks: Iterator[EncodedChunk], rejects: list[Reject]) -> Iterator[Vectors]:
    for chunk in chunks:
        rejects += chunk.rejects
        if chunk.vectors.ids:
            yield chunk.vectors


def _write_both(encoder: Encoder, chunks: Iterator[EncodedChunk], rejects: list[Reject], path: Path) -> int:
    """Stream the sequences, which are long; the vectors, which are short, wait until those are written."""
    waiting: list[Vectors] = []

    def sequences() -> Iterator[tuple[str, Frames]]:
        for chunk in chunks:
            rejects.extend(chunk.rejects)
            waiting.append(chunk.vectors)
            yield from chunk.frames

    frames_path = path.with_name(f"{encoder.modality}_frames.arrow")
    if not write_frames(frames_path, sequences(), encoder.frame_dimensions):
        frames_path.unlink()
    return write_vectors(path, (block for block in waiting if block.ids), encoder.dimensions, encoder.space)


def _cut(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Chunks of bounded number and bytes, in order."""
    chunk: list[Entry] = []
    chunk_bytes = 0
    for entry in entries:
        most = _CHUNK_MEDIA if entry.text is None else _CHUNK_TEXTS
        if chunk and (len(chunk) >= most or chunk_bytes + entry.size > _CHUNK_BYTES):
            yield chunk
            chunk, chunk_bytes = [], 0
        chunk.append(entry)
        chunk_bytes += entry.size
    if chunk:
        yield chunk


def _encode_chunk(encoder: Encoder, folder: Path, chunk: Sequence[Entry]) -> EncodedChunk:
    from threadpoolctl import threadpool_limits

    # Sums on several threads round differently from sums on one
    with ShardReader(folder) as shards, threadpool_limits(1), DecoderNoise() as noise:
        payload_of = partial(_payload, shards)
        try:
            if encoder.frames is not None:
                return _one_by_one(encoder, payload_of, chunk)
            matrix = _checked(encoder.encode([payload_of(entry) for entry in chunk]))
        except ValueError:  # one of them cannot be encoded: find out which
            return _one_by_one(encoder, payload_of, chunk)
        finally:  # collect has said it of each file
            noise.tell(f"{chunk[0].name} to {chunk[-1].name}")
    return EncodedChunk(Vectors([entry.name for entry in chunk], matrix), [], [])


def _payload(shards: ShardReader, entry: Entry) -> bytes:
    if entry.text is not None:
        return entry.text.encode("utf-8")
    return shards.read(entry.shard, entry.offset, entry.size)


def _one_by_one(
    encoder: Encoder, payload_of: Callable[[Entry], bytes], chunk: Sequence[Entry]
) -> EncodedChunk:
    """Each entry's vector and sequence in turn, so that an encoder can decode its media once for both."""
    encoded = EncodedChunk(Vectors([], np.empty((0, encoder.dimensions), np.float32)), [], [])
    rows = []
    for entry in chunk:
        payload = payload_of(entry)
        try:
            row = _checked(encoder.encode([payload]))
            frames = encoder.frames(payload) if encoder.frames is not None else None
            if frames is not None:
                _checked(frames.matrix)
        except ValueError as error:
            encoded.rejects.append(entry.reject(f"{encoder.name}: {error}"))
            continue
        rows.append(row)
        encoded.vectors.ids.append(entry.name)
        if frames is not None:
            encoded.frames.append((entry.name, frames))
    matrix = np.concatenate([encoded.vectors.matrix, *rows])
    return replace(encoded, vectors=Vectors(encoded.vectors.ids, matrix))


def _checked(matrix: Matrix) -> Matrix:
    """The matrix; ValueError where a number in it is not finite or too large."""
    strange = matrix[~(np.abs(matrix) <= LARGEST_VALUE)]
    if strange.size:
        raise ValueError(
            f"expected finite numbers of at most {LARGEST_VALUE:g}, got {strange[0]:g} in its vector;"
            " deliver it in another unit, or take it out of the batch"
        )
    return matrix
