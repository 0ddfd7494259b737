"""What a source says that its media belong to: a session, and maybe a split that they were delivered with.

Where a source says no `session`:

    key        What has one key belongs together: the path of a file below its source without suffixes
               (`keys.py`), a row of a table (`row_keys.py`), an address without suffixes, a video of a .csd.
    content    Each piece is by itself, with what lies beside it under the same name or in the same row.
    timestamp  The whole batch is one session: samples are cut from one time. So it is by content where
               `candidates: session` needs sessions that are said.

`session: all` says the whole batch by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tasks.core.batch import BATCH_FILE, Batch
from tasks.core.candidate import Candidate
from tasks.core.delivered import fill_template, placeholders
from tasks.core.errors import ConfigError
from tasks.core.fault import Fault
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason
from tasks.core.source_entries import WHOLE_BATCH, Source
from tasks.core.splits import BY_EXPORTS, BY_FOLDERS, split_in_names, to_split

Values = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Belonging:
    """The session and the split of one candidate; `fault` where the source's own words do not tell them."""

    session: str
    split: str | None = None
    fault: Fault | None = None

    def of(self, candidate: Candidate) -> Candidate:
        """The candidate with this session and split."""
        fault = candidate.fault or self.fault
        return replace(candidate, session=self.session, split=self.split, fault=fault)


@dataclass(frozen=True)
class Rules:
    """The templates of one source; without one for sessions, each piece has its own key for a session."""

    session: str | None
    split: str | None

    def placeholders(self) -> list[str]:
        """What both templates name."""
        return [*placeholders(self.session or ""), *placeholders(self.split or "")]

    def apply(self, values: Values, own_key: str, names: Sequence[str]) -> Belonging:
        """What a piece belongs to; None is an empty cell, and `names` are the folders on the way to it."""
        session, fault = self._session(values, own_key)
        split, wrong = self._split(values, names)
        return Belonging(session, split, fault or wrong)

    def _session(self, values: Values, own_key: str) -> tuple[str, Fault | None]:
        if self.session is None:
            return own_key, None
        empty = [name for name in placeholders(self.session) if values[name] is None]
        session = fill_template(self.session, {name: value or "" for name, value in values.items()})
        if empty:
            return session, Fault(Reason.MALFORMED, f"the session needs a value in the column '{empty[0]}'")
        return session, None

    def _split(self, values: Values, names: Sequence[str]) -> tuple[str | None, Fault | None]:
        if self.split is None or self.split == BY_EXPORTS:
            return None, None
        if self.split == BY_FOLDERS:
            return split_in_names(names), None
        word = fill_template(self.split, {name: value or "" for name, value in values.items()})
        if not word.strip():
            return None, None
        try:
            return to_split(word), None
        except ValueError as error:
            return None, Fault(Reason.MALFORMED, f"split: {error}")


def rules_of(batch: Batch, source: Source, known: Sequence[str] | None) -> Rules:
    """The source's templates; ConfigError for a placeholder that is not `known` (None: columns are, too)."""
    rules = Rules(_session_template(batch, source), source.split)
    templates = {"session": rules.session or "", "split": rules.split or ""}
    if known is not None:
        for word, template in templates.items():
            _refuse_unknown(batch, f"the {word} '{template}'", placeholders(template), known)
    return rules


def _refuse_unknown(batch: Batch, what: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            hint = nearest_word(name, list(known))
            detail = f"{what} names '{name}'; expected one of {list(known)}.{hint}"
            raise ConfigError(batch.folder / BATCH_FILE, None, detail)


def _session_template(batch: Batch, source: Source) -> str | None:
    if source.session is not None:
        return source.session
    align = batch.file.align
    by_session = align.method == "content" and align.candidates == "session"
    return WHOLE_BATCH if align.method == "timestamp" or by_session else None
