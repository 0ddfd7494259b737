"""The gate: expectations that a batch, or the whole dataset, must meet, judged with Great Expectations.

    suites = read_suites(root / "expectations", ("samples",))
    judgement = judge("dataset", {"samples": samples}, suites, waivers=())

`judgement.verdict` is written with `core.verdict.write_verdict`; `judgement.rejects` are the rows that failed
a row expectation (whatever the verdict), ready for the rejects table of the stage. `tables` and `suites` have
the same names. A reject's `table` is the suite's name, its `row_id` the table's key joined by "|".
"""

from tasks.gate.judge import Judgement, judge
from tasks.gate.suites import Expectation, Suite, read_suites
from tasks.gate.waivers import read_waivers

__all__ = ["Expectation", "Judgement", "Suite", "judge", "read_suites", "read_waivers"]
