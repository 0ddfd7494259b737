"""What a batch file takes out of its videos, as items of their own: pictures, the sound, sensor tracks.

reads   candidates whose source has a `video` option, where their content is a video
writes  the same candidates, a video with the facts that decoding it gave, and after them what was taken out:
          <video>#frame-000123   frame 123 of the video (the first is 0), upright, with its true time of
                                 presentation; it lasts until the next frame
          <video>#sound          its sound, as FLAC; starts where the sound does
          <video>#ACCL, ...      each sensor, as a series; <video>#sensors with a fault where they are broken
        Session, clock and licence are the video's; `start_ns` counts from the start of the video; `role` is
        image, audio or the sensor, after the video's own role and `_` where it has one.
pictures  tick k is at k / frames_per_second from the start of the container; the frame shown then, which is
        the last whose time is not after it, is taken, once however many ticks it is shown for
limits    one video at a time in a worker, its pictures written as they come; a frame has at most
          `collect.most_pixels`, and a video gives at most 100,000 pictures (it is too large for more). A
          broken video gives nothing: it stays as an item that is not readable, with the reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from tasks.collect.listing import mark_repeated
from tasks.collect.reading import payload_of
from tasks.collect.taking import Taken, VideoTaker
from tasks.core.candidate import Candidate, MediaFacts
from tasks.core.content import FileContent, SliceContent
from tasks.core.decoder_noise import DecoderNoise
from tasks.core.fault import Fault
from tasks.core.parallel import map_chunks
from tasks.core.source_entries import VideoOptions
from tasks.media.reader import Limits
from tasks.media.sniff import sniff
from tasks.media.watching import watch

_LOOKED_AT_BYTES = 4_096


@dataclass(frozen=True)
class Deriving:
    """What holds for every video of a batch; `scratch` is gone when the batch is collected."""

    scratch: Path
    limits: Limits
    largest_file_bytes: int


@dataclass(frozen=True)
class _Job:
    """One video; `spool` is where its bytes go."""

    candidate: Candidate
    options: VideoOptions
    spool: Path


def derive(deriving: Deriving, candidates: Sequence[Candidate], workers: int) -> list[Candidate]:
    """The candidates and what was taken out of them, sorted by native id."""
    jobs = list(_jobs_of(deriving, candidates))
    if not jobs:
        return list(candidates)
    watched: dict[str, Candidate] = {}
    taken: list[Candidate] = []
    for video, *parts in map_chunks(partial(_take_out, deriving.limits), jobs, workers):
        watched[video.native_id] = video
        taken += parts
    every = [watched.get(candidate.native_id, candidate) for candidate in candidates] + taken
    every.sort(key=lambda candidate: candidate.native_id)
    return sorted(mark_repeated(every), key=lambda candidate: candidate.native_id)


def _jobs_of(deriving: Deriving, candidates: Sequence[Candidate]) -> Iterator[_Job]:
    folder = Path(mkdtemp(prefix="taken-", dir=deriving.scratch))
    for number, candidate in enumerate(candidates):
        if candidate.video is None or candidate.content is None or candidate.fault is not None:
            continue
        size = candidate.content.size()
        if isinstance(size, Fault) or size > deriving.largest_file_bytes:
            continue
        if _may_be_video(candidate):
            yield _Job(candidate, candidate.video, folder / f"{number:07d}")


def _may_be_video(candidate: Candidate) -> bool:
    """By a file's first bytes alone, so that pictures are not read twice; else it may be one."""
    if not isinstance(candidate.content, FileContent):
        return True
    with candidate.content.path.open("rb") as file:
        return _is_video(candidate, file.read(_LOOKED_AT_BYTES))


def _is_video(candidate: Candidate, payload: bytes) -> bool:
    return _media_type(candidate, payload).startswith("video/")


def _media_type(candidate: Candidate, payload: bytes) -> str:
    return sniff(payload, candidate.name or candidate.native_id).media_type


def _take_out(limits: Limits, job: _Job) -> list[Candidate]:
    """The video with its facts, and what was taken out of it; anything else as it came."""
    payload = payload_of(job.candidate)
    if isinstance(payload, Fault) or not _is_video(job.candidate, payload):
        return [job.candidate]
    media_type = _media_type(job.candidate, payload)
    with DecoderNoise() as noise, VideoTaker(job.spool, job.options) as taker:
        facts = watch(payload, media_type, limits, taker)
        noise.tell(job.candidate.native_id)
        taken = taker.finish(facts) if facts.fault is None and facts.modality == "video" else []
    video = replace(job.candidate, facts=facts)
    return [video, *(_to_candidate(video, facts, job.spool, part) for part in taken)]


def _to_candidate(video: Candidate, facts: MediaFacts, spool: Path, part: Taken) -> Candidate:
    native_id = f"{video.native_id}#{part.name}"
    return replace(
        video,
        native_id=native_id,
        role=part.role if video.role is None else f"{video.role}_{part.role}",
        start_ns=part.start_ns,
        duration_ns=part.duration_ns,
        modality=None,
        content=SliceContent(spool, part.offset, part.size) if part.fault is None else None,
        name=native_id + part.suffix,
        license=video.license or facts.license,
        derived_from=video.native_id,
        fault=part.fault,
        video=None,
        facts=None,
    )
