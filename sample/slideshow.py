"""A narrated slide show, seen by a camera, heard by a recorder and written down by a captioner: three clocks.

writes  slides/<nn>-<topic>.png, slides.csv, recorder/recorder.flac, camera/camera_sound.flac, transcript.vtt,
        marks.csv, batch.yaml
truth   the clocks; when each cue is heard and each slide is seen, and which belong together; counts
"""

import numpy as np
from numpy.random import Generator
from PIL import Image

from sample.canvas import Canvas
from sample.colours import INK
from sample.errors import CrowdedError
from sample.event import MILLISECOND_NS, Event, perform
from sample.folder import Folder, Json
from sample.harbour import SIZE_PX, SKY
from sample.likeness import Gallery
from sample.recording import SECOND_NS, Clock, Microphone, record
from sample.talk import TALK, Slide

SEED = 20_260_304
PALETTE_COLOURS = 96
CAMERA = Clock(offset_ns=0, drift_ppm=0)
# Over the talk each drift moves its clock by more than 10 ms: who leaves it out cannot be right to 5 ms.
RECORDER = Clock(offset_ns=3_217_000_000, drift_ppm=120)
TRANSCRIPT = Clock(offset_ns=-1_480_000_000, drift_ppm=-150)
RECORDER_STOPS_EARLY_NS = 1_300_000_000
CLEAN = Microphone(rate_hz=16_000, low_hz=0, high_hz=7_200, echo_share=0.0, noise_level=0.0001)
SCRATCH = Microphone(rate_hz=8_000, low_hz=180, high_hz=3_500, echo_share=0.55, noise_level=0.0147)
MARKS = 9
OUTLIER_MARK = 5
OUTLIER_NS = 400 * MILLISECOND_NS

BATCH_FILE = """\
about: A narrated slide show about a harbour; camera, recorder and captioner each have a clock of their own
license: CC0-1.0
sources:
  - kind: table
    path: slides.csv
    media: path
    time: time_s
    duration: duration_s
    clock: camera
    role: slide
  - kind: files
    path: camera/
    clock: camera
    role: camera_sound
  - kind: files
    path: recorder/
    clock: recorder
    role: voice
labels:
  - format: subtitles
    path: transcript.vtt
    item: recorder.flac
    clock: transcript
clocks:
  camera: reference
  recorder: {sync: audio}
  transcript: {sync: events, path: marks.csv}
align:
  method: timestamp
  reference: transcript
  tolerance: 20ms
"""


def make(folder: Folder, gallery: Gallery) -> Json:
    """The whole batch; returns its truth."""
    rng = np.random.default_rng(SEED)
    event = perform(rng, TALK)
    write_slides(folder, event, gallery)
    recorder_ns = event.duration_ns - RECORDER.offset_ns - RECORDER_STOPS_EARLY_NS
    voice = record(rng, event.sound, RECORDER, CLEAN, recorder_ns)
    scratch = record(rng, event.sound, CAMERA, SCRATCH, event.duration_ns)
    folder.write_flac("recorder/recorder.flac", voice, CLEAN.rate_hz)
    folder.write_flac("camera/camera_sound.flac", scratch, SCRATCH.rate_hz)
    folder.write_text("transcript.vtt", transcript(event))
    folder.write_csv("marks.csv", marks(rng, event.duration_ns))
    folder.write_text("batch.yaml", BATCH_FILE)
    return truth(event)


def write_slides(folder: Folder, event: Event, gallery: Gallery) -> None:
    """The slides, and the table of when the camera saw them."""
    for slide, showing in zip(TALK, event.showings, strict=True):
        picture = slide_picture(slide)
        if not gallery.takes(picture):
            raise CrowdedError(f"slide like {slide.name} that differs from the others", tries=1)
        folder.write_png(showing.path, picture, PALETTE_COLOURS)
    rows = [
        {
            "path": showing.path,
            "title": showing.title,
            "time_s": seconds(showing.start_ns, decimals=6),
            "duration_s": seconds(showing.end_ns - showing.start_ns, decimals=6),
        }
        for showing in event.showings
    ]
    folder.write_csv("slides.csv", rows)


def slide_picture(slide: Slide) -> Image.Image:
    """A slide: its drawing below a band with its title and its number."""
    width, _ = SIZE_PX
    canvas = Canvas(Image.new("RGB", SIZE_PX, SKY))
    slide.draw(canvas)
    canvas.polygon([(0, 0), (width, 0), (width, 58), (0, 58)], (246, 243, 234))
    canvas.polygon([(0, 56), (width, 56), (width, 58), (0, 58)], INK)
    canvas.text((20, 29), slide.title, INK, size_px=25)
    canvas.text((width - 44, 29), slide.name[:2], (150, 150, 146), size_px=17)
    return canvas.finish()


def seconds(time_ns: int, decimals: int) -> str:
    """The time as text in seconds, rounded to so many decimals without a float in between."""
    unit_ns = 10 ** (9 - decimals)
    units = (time_ns + unit_ns // 2) // unit_ns
    whole, rest = divmod(units, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}"


def transcript(event: Event) -> str:
    """The cues as WebVTT, on the captioner's clock."""
    blocks = ["WEBVTT", "NOTE Times are on the captioner's own clock, see marks.csv"]
    for cue in event.cues:
        start, end = (stamp(TRANSCRIPT.to_clock_ns(time_ns)) for time_ns in (cue.start_ns, cue.end_ns))
        blocks.append(f"{cue.name}\n{start} --> {end}\n{cue.text}")
    return "\n\n".join(blocks) + "\n"


def stamp(time_ns: int) -> str:
    """A WebVTT time, in whole milliseconds."""
    minutes, rest_ns = divmod(time_ns, 60 * SECOND_NS)
    return f"00:{minutes:02d}:{seconds(rest_ns, decimals=3):0>6}"


def marks(rng: Generator, duration_ns: int) -> list[dict[str, str]]:
    """Moments noted by both clocks, each read to about 1 ms; one of them is a plain mistake."""
    rows = []
    for number in range(MARKS):
        reference_ns = round((number + rng.uniform(0.2, 0.8)) / MARKS * duration_ns)
        read_ns = reference_ns + int(rng.integers(-MILLISECOND_NS, MILLISECOND_NS + 1))
        mistake_ns = OUTLIER_NS if number == OUTLIER_MARK else 0
        clock_ns = TRANSCRIPT.to_clock_ns(reference_ns)
        rows.append(
            {
                "clock_s": seconds(clock_ns, decimals=4),
                "reference_s": seconds(read_ns + mistake_ns, decimals=4),
            }
        )
    return rows


def truth(event: Event) -> Json:
    """What a test can check; all times are on the reference, which is the camera's clock."""
    first_cues = {cue.slide: cue.name for cue in reversed(event.cues)}
    clocks = {"camera": CAMERA, "recorder": RECORDER, "transcript": TRANSCRIPT}
    return {
        "clocks": {
            name: {"offset_ns": clock.offset_ns, "drift_ppm": clock.drift_ppm}
            for name, clock in clocks.items()
        },
        "cues": {
            cue.name: {"start_ns": cue.start_ns, "end_ns": cue.end_ns, "slide": cue.slide, "text": cue.text}
            for cue in event.cues
        },
        "slides": {
            showing.path: {
                "start_ns": showing.start_ns,
                "end_ns": showing.end_ns,
                "first_cue": first_cues.get(showing.path),
            }
            for showing in event.showings
        },
        "marks": {"count": MARKS, "outlier_row": OUTLIER_MARK},
        "counts": {"slides": len(event.showings), "cues": len(event.cues), "audio": 2},
        "duration_ns": event.duration_ns,
    }
