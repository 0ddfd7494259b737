"""What Great Expectations itself knows: its types of expectations, and the arguments that each one takes.

Its import takes seconds, so it is imported when a suite is read and no sooner.
"""

import logging
from collections.abc import Mapping
from typing import Any

from tasks.core.errors import SuiteError

# It logs hundreds of lines about itself where the log shows INFO, as a stage's does; all that matters of what
# it has to say is in the findings.
_CHATTER = logging.getLogger("great_expectations")
_CHATTER.addHandler(logging.NullHandler())
_CHATTER.propagate = False


def known_types() -> list[str]:
    """Every type of expectation that can be judged, by name."""
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    return sorted(list_registered_expectation_implementations())


def check_kwargs(where: str, kind: str, kwargs: Mapping[str, Any]) -> None:
    """SuiteError when Great Expectations would not build this expectation from these arguments."""
    from great_expectations.exceptions.exceptions import GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    try:
        ExpectationConfiguration(type=kind, kwargs=dict(kwargs)).to_domain_obj()
    except (GreatExpectationsError, ValueError, TypeError) as error:
        raise SuiteError(f"{where}: these kwargs do not fit: {' '.join(str(error).split())}") from error
