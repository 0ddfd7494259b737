"""The page of a small dataset, and the parts it is made of."""

import io

import pytest
from PIL import Image

from tasks.report.left_out import LeftOut, left_out_rows
from tests.conftest import Repository

BATCH = """\
about: Shapes <b>by</b> hand & foot
license: CC0-1.0
sources: [{kind: files, path: shapes/, session: "{stem}"}]
labels: [{format: imagenet, path: shapes/}]
align: {method: key, reference: image}
"""
STAGES = (
    *("fetch", "collect", "label", "encode", "align", "validate"),
    *("fuse", "export", "evaluate", "report"),
)


def shape(number: int) -> bytes:
    encoded = io.BytesIO()
    Image.linear_gradient("L").rotate(40 * number).resize((60 + number, 50)).convert("RGB").save(
        encoded, "PNG"
    )
    return encoded.getvalue()


@pytest.fixture
def built(repository: Repository) -> Repository:
    shapes = {f"shapes/{('round', 'square')[n % 2]}/s{n}.png": shape(n) for n in range(20)}
    repository.add_batch("good", BATCH, shapes)
    repository.add_batch("bad", BATCH, {**{name: payload[:90] for name, payload in shapes.items()}})
    repository.run(*STAGES)
    return repository


def test_the_page_names_verdicts_pictures_and_what_was_left_out(built: Repository) -> None:
    page = (built.data / "report/index.html").read_text(encoding="utf-8")
    assert "Shapes &lt;b&gt;by&lt;/b&gt; hand &amp; foot" in page
    assert page.count('<span class="badge rejected">rejected</span>') == 2
    assert page.count("data:image/jpeg;base64,") == 6
    assert "truncated" in page
    assert "batch_rejected" in page
    assert str(built.root) not in page


def test_the_head_of_the_page_says_what_is_odd_about_groups_and_splits(repository: Repository) -> None:
    shapes = {f"shapes/round/s{n}.png": shape(n) for n in range(4)}
    repository.add_batch("one", BATCH.replace('"{stem}"', "all"), shapes)
    repository.run(*STAGES)
    head, _, _ = (repository.data / "report/index.html").read_text().partition("<h2>Verdicts</h2>")
    assert "<li>one (4 samples, in train): all samples are one session, and a session never leaves" in head


def test_the_page_is_the_same_the_second_time(built: Repository) -> None:
    first = (built.data / "report/index.html").read_bytes()
    built.run("report")
    assert (built.data / "report/index.html").read_bytes() == first


def test_what_was_left_out_is_counted_by_reason_with_examples(built: Repository) -> None:
    from tasks.core.batch import read_batches
    from tasks.core.stage import StageInput
    from tasks.report import STAGE

    inputs = StageInput(built.root, STAGE.reads, tuple(read_batches(built.data / "batches")), 1)
    found = {(row.batch, row.stage, row.reason): row for row in left_out_rows(inputs)}
    broken = found["bad", "collect", "truncated"]
    assert isinstance(broken, LeftOut)
    assert (broken.rows, len(broken.examples)) == (20, 3)
    assert found["bad", "fuse", "batch_rejected"].rows == 20
    assert {batch for batch, stage, _ in found if stage != "fuse"} == {"bad"}


KEYPOINTS = b"""[{"id": 1, "data": {"image": "s0.png"}, "annotations": [
  {"id": 7, "completed_by": 1, "result": [
    {"id": "p", "type": "keypointlabels", "from_name": "k", "to_name": "i",
     "original_width": 60, "original_height": 50,
     "value": {"x": 50, "y": 50, "width": 1, "keypointlabels": ["middle"]}}]}]}]"""


def test_a_point_is_drawn_as_well_as_a_box(repository: Repository) -> None:
    text = BATCH.replace("{format: imagenet, path: shapes/}", "{format: label_studio, path: points.json}")
    shapes = {f"shapes/s{n}.png": shape(n) for n in range(20)}
    repository.add_batch("good", text, {**shapes, "points.json": KEYPOINTS})
    repository.run(*STAGES)
    assert (repository.data / "report/index.html").read_text().count("data:image/jpeg;base64,") == 6


def test_what_annotators_agree_on_and_what_is_asked_again_is_on_the_page(repository: Repository) -> None:
    votes = {n: ("round", "round") if n < 15 else ("round", "square") for n in range(19)}
    rows = [f"s{n}.png,{kind},{by}" for n, said in votes.items() for kind, by in zip(said, "ab", strict=True)]
    table = "{format: table, path: v.csv, item: file, label: kind, task: classification, annotator: by}"
    text = BATCH.replace("{format: imagenet, path: shapes/}", table)
    shapes = {f"shapes/s{n}.png": shape(n) for n in range(20)}
    lines = "\n".join(["file,kind,by", *rows])
    repository.add_batch("good", text, {**shapes, "v.csv": lines.encode()})
    repository.run(*STAGES)
    page = (repository.data / "report/index.html").read_text(encoding="utf-8")
    assert "19 things that several annotators spoke of, 4 of them ties" in page
    assert "Krippendorff&#39;s alpha <b>-0.088</b>" in page
    assert "a and b <b>0.000</b>" in page
    assert "what a person should look at again: 5 items" in page
    assert "round 0.50, square 0.50" in page
