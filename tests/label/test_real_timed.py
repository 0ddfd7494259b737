"""Real recordings with real timed exports, collected and labelled as the stages run them."""

from pathlib import Path

import pyarrow.compute as pc

from tasks.core.schemas import LABELS
from tasks.core.tables import read_table
from tests.conftest import Repository

BATCH = """
about: a test
license: CC0-1.0
sources: [{{kind: files, path: media}}]
labels: {labels}
align: {{method: timestamp, reference: transcript}}
"""


def test_elan_finds_its_recording_that_is_now_an_ogg(repository: Repository, corpora: Path) -> None:
    folder = corpora / "elan_fable" / "test_data"
    files = {
        "media/fables_01_03_aesop_64kb.ogg": (folder / "fables_01_03_aesop_64kb.ogg").read_bytes(),
        "said.eaf": (folder / "fables_01_03_aesop_64kb.eaf").read_bytes(),
    }
    repository.add_batch("monday", BATCH.format(labels="[{format: elan, path: said.eaf}]"), files)
    assert repository.run("collect", "label") == "label: 1 built, 0 unchanged; 97 labels, 0 rejected"
    labels = read_table(LABELS, repository.data / "labels" / "monday")
    assert set(labels["item_id"].to_pylist()) == {"monday/media/fables_01_03_aesop_64kb.ogg"}
    assert labels["refers_to"].null_count == 47
    referred = pc.list_flatten(labels["refers_to"]).to_pylist()
    assert set(referred) <= set(labels["label_id"].to_pylist())


def test_soundscapes_have_the_events_of_their_jams_and_tables(repository: Repository, corpora: Path) -> None:
    folder = corpora / "scaper_soundscapes"
    files = {f"media/{path.name}": path.read_bytes() for path in folder.glob("*.wav")}
    files |= {f"jams/{path.name}": path.read_bytes() for path in folder.glob("*.jams")}
    files |= {f"tables/{path.name}": path.read_bytes() for path in folder.glob("*.txt")}
    labels = "[{format: jams, path: jams}, {format: audacity, path: tables, task: event}]"
    repository.add_batch("monday", BATCH.format(labels=labels), files)
    assert repository.run("collect", "label").endswith("; 32 labels, 0 rejected")
    found = read_table(LABELS, repository.data / "labels" / "monday").to_pylist()
    heard = [one for one in found if one["format"] == "audacity"]
    negative = [one["attributes"] for one in heard if one["label"] is None]
    assert (len(heard), negative) == (14, [[{"name": "negative", "value": "true"}]] * 2)
    assert len({one["item_id"] for one in found}) == 6


def test_subtitles_of_every_kind_say_the_same_of_one_recording(repository: Repository, corpora: Path) -> None:
    folder = corpora / "subs_ttml_ass" / "tests" / "data"
    sound = (corpora / "elan_fable" / "test_data" / "fables_01_03_aesop_64kb.ogg").read_bytes()
    files = {"media/talk.ogg": sound}
    files |= {name: (folder / name).read_bytes() for name in ("ttml_example.ttml", "ttml_example.ass")}
    labels = "[" + ", ".join(
        f"{{format: {kind}, path: ttml_example.{kind}, item: talk.ogg}}" for kind in ("ass", "ttml")
    )
    repository.add_batch("monday", BATCH.format(labels=f"{labels}]"), files)
    assert repository.run("collect", "label").endswith("; 22 labels, 0 rejected")
    found = read_table(LABELS, repository.data / "labels" / "monday").to_pylist()
    said = [
        sorted((one["start_ns"], one["end_ns"], one["text"]) for one in found if one["format"] == kind)
        for kind in ("ass", "ttml")
    ]
    assert said[0] == said[1]
