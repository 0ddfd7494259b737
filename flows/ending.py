"""How a flow ends on an error that is raised on purpose: Failed, with the error's sentence, no traceback."""

import atexit
import logging
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import ParamSpec

from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.exceptions import FailedRun
from prefect.states import Failed

from flows.server import prefect_for_one_run
from tasks.core.errors import ModalweaveError

P = ParamSpec("P")
FlowFunction = Callable[P, State[None]]


def ending_in_a_sentence(run: FlowFunction[P]) -> FlowFunction[P]:
    """The flow's function, but for a ModalweaveError, which becomes the message of the run's state."""

    @wraps(run)
    def run_to_a_state(*args: P.args, **kwargs: P.kwargs) -> State[None]:
        try:
            return run(*args, **kwargs)
        except ModalweaveError as error:
            return Failed(message=f"{error}")

    return run_to_a_state


def run_as_script(flow: Flow[[], State[None]]) -> int:
    """Run the flow once in the current folder; 0, or 1 with its one message on standard error."""
    # Prefect sends the last of its log while the process ends: the server must still be there then.
    until_the_end = ExitStack()
    atexit.register(until_the_end.close)
    until_the_end.enter_context(prefect_for_one_run())
    state = flow(return_state=True)
    if state.is_completed():
        return 0
    sys.stderr.write(f"{flow.name}: {state.message}\n")
    return 1


class _SentencesOnly(logging.Filter):
    """Put the error's sentence in the place of the traceback that Prefect logs when a task or run failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, (ModalweaveError, FailedRun)):
            record.msg, record.args, record.exc_info = f"{error}", (), None
        return True


for _name in ("prefect.task_runs", "prefect.flow_runs"):
    logging.getLogger(_name).addFilter(_SentencesOnly())
