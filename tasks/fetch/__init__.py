"""Fetch: ask the web for what a batch names there, and keep what it answered, byte for byte.

reads   data/batches/<batch>/: the `urls` and `crawl` entries, and addresses in the `media` column of `table`s
writes  data/fetched/<batch>/responses.parquet and media-NNNNN.tar
params  fetch: limits of sizes, times and tries, and the pace

This is the one stage that is not a function of its inputs: the web answers differently every day. So a
partition is made from what is asked for (the entries, the lists they name, the limits) and never from code:
while that is unchanged no address is asked again, and a rebuild, here or after `dvc pull`, uses the very
bytes that came. Media that came before are kept when a list changes; failures are then tried again.
"""

import json
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.digests import Digests
from tasks.core.errors import UnfinishedError
from tasks.core.partition import fingerprint
from tasks.core.schemas import RESPONSES
from tasks.core.source_entries import CrawlSource, TableSource, UrlsSource
from tasks.core.stage import DATA_FOLDER, Stage, StageInput
from tasks.core.tables import empty_table, write_table
from tasks.fetch.addresses import is_public
from tasks.fetch.downloading import download
from tasks.fetch.earlier import take_over
from tasks.fetch.errand import Errand, FetchParams, Key, Reply
from tasks.fetch.job import Job
from tasks.fetch.rounds import Asked, asks_the_web, listed_addresses, private_hosts, rounds
from tasks.fetch.shelving import shelve
from tasks.fetch.spool import SPOOL_FOLDER, Spool, remove_spools

# What of an entry decides which addresses are asked for, and what of the parameters what may come of it.
_ASKED_BY = {
    CrawlSource: ("start", "sitemaps", "hosts", "depth", "pages", "media"),
    TableSource: ("path", "media", "columns", "delimiter", "comment"),
    UrlsSource: ("path", "url", "columns", "delimiter", "comment"),
}
_LIMITS = (
    *("largest_file_bytes", "largest_page_bytes", "redirects", "retries"),
    *("longest_wait", "stall", "longest_download"),
)


def build(inputs: StageInput, params: FetchParams, output: Path) -> None:
    """Ask for what is missing, and write the partition."""
    batch = inputs.batch
    if not asks_the_web(batch):
        write_table(RESPONSES, empty_table(RESPONSES), output)
        return
    place = inputs.root / DATA_FOLDER / SPOOL_FOLDER / batch.name
    job = Job(batch, params, place, private_hosts(batch))
    spool = Spool(job.spool)
    keep = partial(_may_be_kept, job.private)
    with spool.held():
        spool.come_to_terms(made_from(inputs, params, Digests(inputs.root / DATA_FOLDER)), keep)
        take_over(inputs.root / DATA_FOLDER / "fetched" / batch.name, spool, _listed(batch), keep)
    if _missing(batch, spool):
        download(job)
        spool.reload()
        if _missing(batch, spool):
            raise UnfinishedError(
                f"the downloads of '{batch.name}' ended early: run the stage again to go on"
            )
    asked = Asked()
    for _ in rounds(batch, spool.replies, asked):
        pass
    shelve(batch, spool, asked, output)


def made_from(inputs: StageInput, params: FetchParams, digests: Digests) -> str:
    """The digest of what is asked for, and within which limits."""
    batch = inputs.batch
    if not asks_the_web(batch):
        return fingerprint({}, "nothing is asked of the web", {})
    limits = {name: getattr(params, name) for name in _LIMITS} | {"private": sorted(private_hosts(batch))}
    entries = {}
    for number, source in enumerate(source for source in batch.file.sources if type(source) in _ASKED_BY):
        said = {name: getattr(source, name) for name in _ASKED_BY[type(source)]}
        if not isinstance(source, CrawlSource):
            said["list"] = digests.of_tree(batch.path(source.path))
        entries[f"{number} {source.kind}"] = json.dumps(said, sort_keys=True)
    return fingerprint(limits, "asked of the web", entries)


def conclude(inputs: StageInput, params: FetchParams) -> str:
    """How many addresses were asked for, and how many of them gave nothing; every spool has done its duty."""
    asked = failed = 0
    for batch in inputs.batches:
        table = inputs.table(RESPONSES, batch, ("kind", "reason"))
        media = table.filter(pc.equal(table["kind"], "media"))
        asked += media.num_rows
        failed += media.num_rows - media["reason"].null_count
    remove_spools(inputs.root / DATA_FOLDER / SPOOL_FOLDER)
    return f"{asked} addresses asked for media, {failed} of them in vain" if asked else ""


def _missing(batch: Batch, spool: Spool) -> bool:
    """Whether any errand has no reply yet."""
    return any(
        errand.key not in spool.replies
        for errands in rounds(batch, spool.replies, Asked())
        for errand in errands
    )


def _listed(batch: Batch) -> frozenset[Key]:
    return frozenset(Errand("media", address.url).key for address in listed_addresses(batch))


def _may_be_kept(private: frozenset[str], reply: Reply) -> bool:
    """Whether media that came under other terms could have come under these."""
    if reply.kind != "media" or reply.sha256 is None or reply.address is None:
        return False
    host = urlsplit(reply.final_url or "").hostname
    return is_public(reply.address) or host in private


STAGE = Stage(
    "fetch",
    FetchParams,
    reads=("batches",),
    writes=("fetched",),
    scope="batch",
    build=build,
    conclude=conclude,
    made_from=made_from,
    evidence=True,
)
