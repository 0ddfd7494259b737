"""Tables put before Great Expectations: one finding per declared expectation, in the declared order.

Each call has a context of its own: one that is shared between threads gives wrong verdicts. Columns are
Arrow's own types in pandas, so int64 with nulls stays exact and NaN is a value that can fail. A list column
is judged by its lengths, a struct column by its fields ("presence.image").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.errors import SuiteError
from tasks.gate.suites import Expectation, Suite

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

# COMPLETE gives the positions of all rows that fail; asking it for their ids instead takes six times as long.
_EVERY_ROW = {"result_format": "COMPLETE", "return_unexpected_index_query": False}


@dataclass(frozen=True)
class Finding:
    """What came of one expectation: `checked` rows, of which those at the positions `failing` do not meet it.

    `fault` says why it could not be judged at all, which is a failure too.
    """

    suite: str
    expectation: Expectation
    success: bool
    checked: int
    failing: tuple[int, ...]
    observed: str
    fault: str


def evaluate(tables: Mapping[str, pa.Table], suites: Mapping[str, Suite]) -> list[Finding]:
    """What comes of every expectation of every suite, on the table of the suite's name."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return [
        finding for name, suite in suites.items() for finding in _evaluate_suite(context, suite, tables[name])
    ]


def to_pandas(table: pa.Table) -> "pd.DataFrame":
    """The table as pandas with Arrow's types; lists as their lengths, structs as their fields."""
    import pandas as pd

    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    for position, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            table = table.set_column(position, field.name, pc.list_value_length(table[field.name]))
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _evaluate_suite(context: "EphemeralDataContext", suite: Suite, table: pa.Table) -> list[Finding]:
    import great_expectations as gx

    asset = context.data_sources.add_pandas(suite.name).add_dataframe_asset(suite.name)
    batch = asset.add_batch_definition_whole_dataframe(suite.name).get_batch({"dataframe": to_pandas(table)})
    declared = [_declaration(position, one) for position, one in enumerate(suite.expectations)]
    judged = batch.validate(
        gx.ExpectationSuite(name=suite.name, expectations=declared), result_format=_EVERY_ROW
    )
    # The results come in an order of their own.
    results = {_position(result): result for result in judged.results}
    if sorted(results) != list(range(len(declared))) or len(judged.results) != len(declared):
        raise SuiteError(
            f"suite '{suite.name}': {len(declared)} expectations are declared,"
            f" Great Expectations judged {len(judged.results)}"
        )
    return [
        _to_finding(suite.name, one, results[position], table.num_rows)
        for position, one in enumerate(suite.expectations)
    ]


def _declaration(position: int, expectation: Expectation) -> dict[str, Any]:
    return {
        "type": expectation.type,
        "kwargs": dict(expectation.kwargs),
        "severity": expectation.severity,
        "meta": {"position": position},
    }


def _position(result: "ExpectationValidationResult") -> int:
    meta = result.expectation_config.meta if result.expectation_config else None
    return int(meta["position"]) if meta else -1


def _to_finding(
    suite: str, expectation: Expectation, result: "ExpectationValidationResult", rows: int
) -> Finding:
    found: dict[str, Any] = dict(result.result or {})
    fault = _fault(result.exception_info or {})
    return Finding(
        suite=suite,
        expectation=expectation,
        success=bool(result.success) and not fault,
        checked=int(found.get("element_count", rows)) - int(found.get("missing_count") or 0)
        if "unexpected_index_list" in found
        else rows,
        failing=tuple(sorted({int(row) for row in found.get("unexpected_index_list") or ()})),
        observed=_observed(found),
        fault=fault,
    )


def _fault(exception: Mapping[str, Any]) -> str:
    """The messages of what was raised: at the top level, or below the id of each metric that raised."""
    raised = [exception] if "raised_exception" in exception else list(exception.values())
    messages = {" ".join(str(one["exception_message"]).split()) for one in raised if one["raised_exception"]}
    return "; ".join(sorted(messages))


def _observed(found: Mapping[str, Any]) -> str:
    if "unexpected_index_list" in found:
        return ""
    value = found.get("observed_value")
    if value is not None:
        return f"{value:.6g}" if isinstance(value, float) else f"{value}"
    lacking, strange = found.get("partial_missing_list"), found.get("partial_unexpected_list")
    return f"lacks {sorted(lacking)}" if lacking else f"has {sorted(strange)}" if strange else "nothing"
