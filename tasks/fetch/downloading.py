"""The downloading process: one per batch, as a reactor runs only once. It ends when its parent does.

`download` runs in the parent, `_run` in the process. What comes lands in the spool, so nothing is lost with
it.
"""

import logging
import os
import signal
import threading
from importlib.util import find_spec
from multiprocessing import get_context, parent_process
from typing import Any

from tasks.core.errors import MissingExtraError, UnfinishedError
from tasks.fetch.job import Job
from tasks.fetch.spool import Spool


def download(job: Job) -> None:
    """Ask the web for all that the job's spool does not have; UnfinishedError when that broke off."""
    if find_spec("scrapy") is None:
        raise MissingExtraError("scrapy", needed_by="what batch.yaml takes from the web", extra="web")
    process = get_context("spawn").Process(target=_run, args=(job,), daemon=True)
    process.start()
    process.join()
    if process.exitcode:
        raise UnfinishedError(
            f"the downloads of '{job.batch.name}' broke off (exit code {process.exitcode});"
            " what has come is kept: run the stage again to go on"
        )


def _run(job: Job) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets it too, ends, and so do we
    logging.disable(logging.WARNING)  # what matters is in the replies; errors would be defects of ours
    from scrapy.crawler import AsyncCrawlerProcess

    from tasks.fetch.spider import FetchSpider

    spool = Spool(job.spool)
    with spool.held():
        process = AsyncCrawlerProcess(_settings(job, spool))
        process.crawl(FetchSpider)
        process.start(install_signal_handlers=False)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _settings(job: Job, spool: Spool) -> dict[str, Any]:
    """Scrapy with nothing of its own but engine, scheduler, pace per host and redirects."""
    params = job.params
    return {
        "FETCH_JOB": job,
        "FETCH_SPOOL": spool,
        "USER_AGENT": job.user_agent,
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "TELNETCONSOLE_ENABLED": False,
        "EXTENSIONS_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": {
            "tasks.fetch.hops.Hops": 100,
            "tasks.fetch.robots.Robots": 200,
            "tasks.fetch.patience.Patience": 300,
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
        },
        "DOWNLOAD_HANDLERS_BASE": {},
        "DOWNLOAD_HANDLERS": {
            "http": "tasks.fetch.spooling.SpoolingHandler",
            "https": "tasks.fetch.spooling.SpoolingHandler",
        },
        "CONCURRENT_ITEMS": 1,  # of each response; Scrapy starts so many tasks, and there are no items
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "REDIRECT_MAX_TIMES": params.redirects,
        "DOWNLOAD_DELAY": 1 / params.requests_per_second,
        "DOWNLOAD_DELAY_JITTER": 0,
        "CONCURRENT_REQUESTS": params.hosts_at_once * params.connections_per_host,
        "CONCURRENT_REQUESTS_PER_DOMAIN": params.connections_per_host,
    }
