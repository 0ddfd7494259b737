"""What an earlier fetch of the batch holds: media that came then are not asked for again.

reads   data/fetched/<batch>/, as it was before this run
So one new line in a list costs one download, and a changed limit only what failed. To ask for everything
again, delete the folder.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from tasks.core.errors import MissingInputError, SchemaError, SourceError
from tasks.core.responses import Row
from tasks.core.schemas import RESPONSES
from tasks.core.shards import ShardReader
from tasks.core.tables import iterate_table
from tasks.fetch.errand import Key, Reply
from tasks.fetch.spool import Spool, finish_body

_COPIED = (
    *("kind", "url", "asked_by", "retrieved_at", "final_url", "address", "status", "content_type", "size"),
    *("sha256", "robots", "robots_sha256"),
)


def take_over(partition: Path, spool: Spool, wanted: frozenset[Key], keep: Callable[[Reply], bool]) -> None:
    """Put the wanted media of the partition into the spool, where they are whole and may be kept."""
    try:
        with ShardReader(partition) as shards:
            for rows in iterate_table(RESPONSES, partition):
                for row in rows.to_pylist():
                    _take_over_row(shards, spool, row, wanted, keep)
    except (MissingInputError, SchemaError, SourceError, OSError):
        return  # what cannot be read is asked for again


def _take_over_row(
    shards: ShardReader, spool: Spool, row: Row, wanted: frozenset[Key], keep: Callable[[Reply], bool]
) -> None:
    if row["shard"] is None or row["kind"] != "media":
        return
    reply = Reply(
        redirects=tuple(row["redirects"] or ()),
        x_robots_tag=(row["x_robots_tag"],) if row["x_robots_tag"] else (),
        **{name: row[name] for name in _COPIED},
    )
    if reply.key not in wanted or reply.key in spool.replies or not keep(reply):
        return
    body = shards.read(row["shard"], row["offset"], row["size"])
    if hashlib.sha256(body).hexdigest() != reply.sha256:
        return
    descriptor, partial = spool.new_body()
    os.close(descriptor)
    partial.write_bytes(body)
    finish_body(spool, partial, str(reply.sha256))
    spool.write_down(reply)
