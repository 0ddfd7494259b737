"""Flickr8k's captions (`Flickr8k.token.txt`, or a CSV of image,caption), and the judgements of them.

The layouts and the ids of captions are those of `reading/flickr_captions.py`. ExpertAnnotations.txt has
three scores of a picture and a caption, from 1 (does not describe it) to 4 (describes it): three
classifications by `expert 1` to `expert 3`. CrowdFlowerAnnotations.txt has the share and the numbers of
those who said yes and no: one classification by `crowd`, `yes` or `no` as most said (`no` in a tie), its
confidence the share of those who did. A judgement's caption is often of another picture: it refers to it
where it is in this export.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import FlickrExport
from tasks.label_formats.reading.flickr_captions import Judge, read_captions, read_judgements

_EXPERT_COLUMNS = _CROWD_COLUMNS = 5
_SCORES = ("1", "2", "3", "4")


def read(batch: Batch, entry: FlickrExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """The captions, then the experts' judgements, then the crowd's, each in the order of its file."""
    captions: dict[str, str] = {}
    for outcome in read_captions(batch.path(entry.path), delivered_name(batch, entry.path), entry.annotator):
        if isinstance(outcome, Label) and outcome.text is not None and (entry.expert or entry.crowd):
            captions[outcome.native_id] = outcome.text
        yield outcome
    for written, columns, judge in (
        (entry.expert, _EXPERT_COLUMNS, _experts(captions)),
        (entry.crowd, _CROWD_COLUMNS, _crowd(captions)),
    ):
        if written is not None:
            yield from read_judgements(batch.path(written), delivered_name(batch, written), columns, judge)


def _experts(captions: dict[str, str]) -> Judge:
    def judge(cells: list[str], own_id: str, origin: str) -> Iterator[Label]:
        scores = cells[2:]
        if not all(score in _SCORES for score in scores):
            raise ValueError(f"expected scores from 1 to 4, got {scores}")
        asked = _to_label(cells, origin, captions)
        for number, score in enumerate(scores, 1):
            yield replace(asked, native_id=f"{own_id}/{number}", label=score, annotator=f"expert {number}")

    return judge


def _crowd(captions: dict[str, str]) -> Judge:
    def judge(cells: list[str], own_id: str, origin: str) -> Iterator[Label]:
        counts = dict(zip(("yes", "no"), cells[3:], strict=True))
        if not all(re.fullmatch("[0-9]{1,6}", count) for count in counts.values()):
            raise ValueError(f"expected how many said yes and no, got {counts}")
        yes, no = int(counts["yes"]), int(counts["no"])
        if not yes + no:
            raise ValueError("nobody said yes or no")
        yield replace(
            _to_label(cells, origin, captions),
            native_id=own_id,
            label="yes" if yes > no else "no",
            confidence=max(yes, no) / (yes + no),
            annotator="crowd",
            attributes=counts,
        )

    return judge


def _to_label(cells: list[str], origin: str, captions: dict[str, str]) -> Label:
    """The judgement but for its answer."""
    picture, caption_id = cells[:2]
    question = f"Does it describe the picture? {captions.get(caption_id, caption_id)}"
    about = [caption_id] if caption_id in captions else None
    return Label("", picture, "classification", origin, question=question, refers_to=about)


FLICKR8K = LabelFormat("flickr8k", FlickrExport, read)
