"""Serve the flows and the report to the Prefect UI: `python -m flows.serve`, until Ctrl-C.

The build is started by hand, the nightly flow at 02:00 UTC too; one run at a time, the others wait. What was
set in the UI (parameters, schedules) stays as it is when this is started again.

reads   data/report
params  --report-port, --server-port
"""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context

import psutil
from prefect import serve

from flows.command import end_processes
from flows.deployments import Offer, offers
from flows.errors import CommandError
from flows.repository import repository_name
from flows.reproduce import repository_root
from flows.server import answers_strangers, running_prefect, served_folder
from tasks.core.errors import ModalweaveError


def serve_flows(report_port: int, server_port: int, stopped: threading.Event) -> None:
    """Serve until `stopped`; the runs that are under way, and a Prefect server started here, end with it."""
    root = repository_root()
    name = repository_name(root)
    with served_folder(root / "data" / "report", report_port) as address, running_prefect(server_port) as api:
        offered = offers(name, f"{address}/index.html")
        say_where(name, address, api)
        say_what_is_wrong(offered, api)
        runner = in_thread(lambda: serve_one_at_a_time(offered))
        while runner.is_alive() and not stopped.wait(1):
            pass
        end_runs()
    end_runs()  # one that had waited may have been started meanwhile
    if not stopped.is_set():
        raise CommandError(f"serving ended by itself; the lines above say why (the server is {api})")


def say_where(name: str, report: str, api: str) -> None:
    """Print where everything is found."""
    sys.stdout.write(
        f"Prefect UI   {api.removesuffix('/api')}\n"
        f"the report   {report}/index.html\n"
        f"deployments  build/{name}, started by hand; nightly/{name}, every night at 02:00 UTC"
        " unless its schedule was changed in the UI\n"
        "Ctrl-C ends all of it\n"
    )
    sys.stdout.flush()


def say_what_is_wrong(offered: Sequence[Offer], api: str) -> None:
    """Print what a person set and has no effect any more, and that a server found here is open."""
    for offer in offered:
        for parameter, value in offer.dropped.items():
            sys.stderr.write(
                f"serve: {offer.deployment.full_name} has no parameter '{parameter}' any more;"
                f" its value {value!r} was dropped\n"
            )
    if answers_strangers(api):
        sys.stderr.write(
            f"serve: the server at {api} was there before and answers any web page that is open in a browser"
            " here; end it, and this command starts one that does not\n"
        )


def serve_one_at_a_time(offered: Sequence[Offer]) -> None:
    """Serve the deployments; a nightly run waits for a build, which their own limits would not see to."""
    deployments = [offer.deployment for offer in offered]
    serve(*deployments, limit=1, pause_on_shutdown=False, print_starting_message=False)


def in_thread(work: Callable[[], None]) -> threading.Thread:
    """The work, started beside us with our settings: Prefect's own way to end on a signal can hang."""
    thread = threading.Thread(target=copy_context().run, args=(work,), daemon=True)
    thread.start()
    return thread


def end_runs() -> None:
    """End the flow runs and their stages; the server, in a session of its own, is still needed for that."""
    end_processes([child for child in psutil.Process().children(recursive=True) if _is_in_our_session(child)])


def _is_in_our_session(process: psutil.Process) -> bool:
    try:
        return os.getsid(process.pid) == os.getsid(0)
    except ProcessLookupError:
        return False


def main() -> int:
    """Serve in the current folder; 1 with the error's one message when that cannot be."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.serve", description="Serve the flows to the Prefect UI."
    )
    parser.add_argument("--report-port", type=int, default=4280, help="where the report is served (4280)")
    parser.add_argument(
        "--server-port", type=int, default=4200, help="of a Prefect server on this machine (4200)"
    )
    arguments = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        serve_flows(arguments.report_port, arguments.server_port, stopped)
    except ModalweaveError as error:
        sys.stderr.write(f"serve: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
