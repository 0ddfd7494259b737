"""Places where recordings may meet, and long recordings, which are searched stretch by stretch."""

from typing import get_args

import numpy as np
import pytest
from scipy import ndimage

from tasks.align.sound.evidence import SoundSync
from tasks.align.sound.onsets import find_onsets, offset_near, rough_offsets
from tasks.align.sound.refusal import Reason, SoundRefusal, SyncFigures
from tasks.align.sound.samples import Float32s, Recordings
from tasks.align.sound.synchronise import synchronise_sound
from tasks.core.floats_on_disk import FloatsOnDisk
from tasks.core.times import NS_PER_MS
from tests.align.sessions import RATE_HZ, babble, make_session

LOW_RATE_HZ = 2_000


def murmur(seconds: int, seed: int) -> Float32s:
    random = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter1d(random.standard_normal(seconds * LOW_RATE_HZ), 1.0)
    loudness = np.repeat(random.random(len(noise) // 250), 250)
    sound: Float32s = (noise[: len(loudness)] * loudness).astype(np.float32)
    return sound


def heard(event: Float32s, seconds: int, offset_s: float, drift_ppm: float, seed: int) -> Float32s:
    place = np.arange(seconds * LOW_RATE_HZ) * (1 + drift_ppm / 1e6) + offset_s * LOW_RATE_HZ
    sound = ndimage.map_coordinates(event, [place], order=3)
    noise = np.random.default_rng(seed).standard_normal(len(sound))
    noisy: Float32s = (sound + 0.5 * sound.std() * noise).astype(np.float32)
    return noisy


def test_drift_over_most_of_an_hour_is_followed_across_a_pause() -> None:
    event = murmur(3_000, seed=1)
    reference, other = heard(event, 2_700, 100, 0, 2), heard(event, 2_700, 117.3, -90, 3)
    pause = slice(1_200 * LOW_RATE_HZ, 1_200 * LOW_RATE_HZ + 600)
    found = synchronise_sound(Recordings(reference, np.delete(other, pause), LOW_RATE_HZ))
    assert isinstance(found, SoundSync), found
    for piece, offset_ns in zip(found.pieces, (17_300 * NS_PER_MS, 17_600 * NS_PER_MS), strict=True):
        assert abs(piece.line.offset_ns - offset_ns) <= 2 * NS_PER_MS
        assert abs(piece.line.drift_ppm + 90) <= 2


def test_recordings_on_disk_are_put_on_one_clock_as_those_in_memory() -> None:
    session = make_session(3)
    on_disk = FloatsOnDisk(), FloatsOnDisk()
    for place, sound in zip(on_disk, (session.reference, session.other), strict=True):
        for block in np.array_split(sound, 7):
            place.append(block)
    in_memory = Recordings(session.reference, session.other, RATE_HZ)
    assert synchronise_sound(Recordings(*on_disk, RATE_HZ)) == synchronise_sound(in_memory)


EVENT = babble(60, seed=4)
REFERENCE = find_onsets(EVENT, RATE_HZ, None)
LATER = find_onsets(EVENT[20 * RATE_HZ : 40 * RATE_HZ], RATE_HZ, None)


def test_a_part_of_a_recording_is_found_where_it_was_cut_from() -> None:
    (place,) = rough_offsets(REFERENCE, LATER, RATE_HZ, 1)
    assert place.offset_samples == 20 * RATE_HZ
    assert place.clarity > 2


def test_onsets_that_are_cut_keep_their_place_in_the_recording() -> None:
    cut = LATER.cut(5 * RATE_HZ, 15 * RATE_HZ)
    (place,) = rough_offsets(REFERENCE.cut(10 * RATE_HZ, 50 * RATE_HZ), cut, RATE_HZ, 1)
    assert place.offset_samples == pytest.approx(20 * RATE_HZ, abs=REFERENCE.hop)


def test_an_offset_that_is_roughly_known_is_found_within_its_reach_and_not_beyond() -> None:
    cut = LATER.cut(5 * RATE_HZ, 15 * RATE_HZ)
    near = offset_near(REFERENCE, cut, 21 * RATE_HZ, 2 * RATE_HZ)
    assert near == pytest.approx(20 * RATE_HZ, abs=REFERENCE.hop)
    far = offset_near(REFERENCE, cut, 23 * RATE_HZ, 2 * RATE_HZ)
    assert 21 * RATE_HZ - REFERENCE.hop <= far <= 25 * RATE_HZ


def test_an_offset_at_which_the_two_do_not_meet_is_left_as_it_is() -> None:
    assert offset_near(REFERENCE, LATER, 900 * RATE_HZ, RATE_HZ) == 900 * RATE_HZ
    assert offset_near(REFERENCE, LATER, -900 * RATE_HZ, RATE_HZ) == -900 * RATE_HZ


def test_an_offset_at_which_the_two_meet_by_less_than_a_hop_is_left_as_it_is() -> None:
    hop = REFERENCE.hop
    short = REFERENCE.cut(0, 40 * hop), LATER.cut(0, 60 * hop)
    found = {
        offset: offset_near(*short, offset, 10 * hop - 1)
        for offset in range(-90 * hop, 60 * hop, hop // 4 + 1)
    }
    beyond = [offset for offset in found if offset < -71 * hop or offset > 51 * hop]
    assert {offset: found[offset] for offset in beyond} == {offset: offset for offset in beyond}


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_has_a_meaning(reason: Reason) -> None:
    assert str(SoundRefusal(reason, SyncFigures())).startswith(f"{reason}: ")
