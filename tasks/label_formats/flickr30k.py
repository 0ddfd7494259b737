"""Flickr30k's captions: `results_20130124.token`, or a table of them; five of each picture.

The layouts and the ids are those of `reading/flickr_captions.py`. The phrases with boxes are the format
`flickr30k_entities`.
"""

from collections.abc import Iterator

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import FlickrExport
from tasks.label_formats.reading.flickr_captions import read_captions


def read(batch: Batch, entry: FlickrExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A caption or a fault per line, in the order of the file."""
    path = batch.path(entry.path)
    if entry.expert or entry.crowd:
        raise LabelFormatError(
            path, None, "`expert` and `crowd` are judgements of flickr8k, not of flickr30k"
        )
    yield from read_captions(path, delivered_name(batch, entry.path), entry.annotator)


FLICKR30K = LabelFormat("flickr30k", FlickrExport, read)
