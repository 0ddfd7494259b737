"""What batch.yaml may say of how its modalities meet: the entry `align`."""

import re
from dataclasses import dataclass, field, fields
from typing import Literal

from tasks.core.clock_entry import LONGEST_SPAN_NS, refuse_wrong_tolerance
from tasks.core.config import DurationNs, PathText
from tasks.core.registry import nearest_word
from tasks.core.times import NS_PER_MS

MOST_STEPS = 10_000
USUAL_TOLERANCE_NS = 20 * NS_PER_MS
# How alike a pair must be where batch.yaml does not say, by what is compared: so that strangers stay out,
# and what is one thing in another form comes in. Measured on real photos and captions, each kind against
# references of which half were missing.
# picture_hash: 8 of the 64 bits may differ. No more do those of 437 photos and their copies scaled to 128 px
#   or 256 x 256, at JPEG quality 10, brighter, or grey: all were found, none wrong. The nearest stranger is 6
#   bits away or more, 18 in the median; from 12 bits on (0.8) cropped photos meet wrong ones.
# text: captions with a word less and a typo are 0.56 alike or more, strangers at most 0.36 in 95 of 100. What
#   two people write of one picture is only 0.24 alike in the median: 0.25 finds 42 % of that, 13 % wrong.
# vectors: photos and such copies are 0.97 alike or more (picture_layout), captions with such changes 0.76
#   (hashed_words); the nearest strangers 0.77 and 0.45 in the median. What is alike depends on the encoder.
# coordinated: in a space fitted on 24 to 72 pairs strangers come up to 0.75 alike, and at 0.5 a quarter to
#   all of what is linked is wrong: less certain pairs are for a person to ask for.
THRESHOLDS = {"vectors": 0.8, "coordinated": 0.8, "text": 0.5, "picture_hash": 0.875}
_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Windows:
    """Samples cut from the common time: one every `hop`, `window` long.

    With a hop longer than the window, what lies between two windows is in no sample.
    """

    window: DurationNs
    hop: DurationNs

    def __post_init__(self) -> None:
        """Refuse windows that do not move or have no length."""
        if not (0 < self.window <= LONGEST_SPAN_NS and 0 < self.hop <= LONGEST_SPAN_NS):
            raise ValueError("expected a window and a hop longer than nothing, of one year (8784h) at most")


@dataclass(frozen=True)
class Pool:
    """How the frames of a role become one row of numbers a sample, each kind in each of `steps` equal parts.

    A moment whose end nobody says holds until the next one of its stream, and no longer than `hold`; where
    none is said, than twice what is usual in that stream, so that a gap stays a gap.
    `concat` joins texts instead, in the order of time, and stands alone.
    """

    kinds: tuple[Literal["mean", "max", "min", "std", "sum", "last", "concat"], ...] = ("mean",)
    steps: int = 1
    hold: DurationNs | None = None

    def __post_init__(self) -> None:
        """Refuse what gives no row, the same twice, or texts among numbers."""
        if not self.kinds or len(set(self.kinds)) < len(self.kinds):
            raise ValueError(f"kinds: expected different ones, at least one, got {list(self.kinds)}")
        if not 1 <= self.steps <= MOST_STEPS:
            raise ValueError(f"steps: expected 1 to {MOST_STEPS}, got {self.steps}")
        if "concat" in self.kinds and (len(self.kinds) > 1 or self.steps > 1):
            raise ValueError("kinds: concat joins texts: no other kind and no steps go with it")
        if self.hold is not None and ("concat" in self.kinds or not 0 < self.hold <= LONGEST_SPAN_NS):
            raise ValueError("hold: expected a duration above 0s, of one year (8784h) at most, and no concat")


Match = Literal["auto", "nearest", "nearest_per_sample", "nearest_per_member", "previous", "overlap"]


@dataclass(frozen=True)
class RoleMatch:
    """How the members of one role meet the samples; what is not said here is as `align` says it."""

    match: Match | None = None
    tolerance: DurationNs | None = None

    def __post_init__(self) -> None:
        """Refuse what says nothing, and what is no tolerance."""
        if self.match is None and self.tolerance is None:
            raise ValueError("expected match, tolerance, or both")
        refuse_wrong_tolerance(self.tolerance)


@dataclass(frozen=True)
class Align:
    """How the modalities meet: by `key` (the same session), by time, or by content.

    By time, `match` says what is put together, and `roles` says so for single roles, with a tolerance of
    their own. `nearest`: by their starts, one-to-one, the closest first. `nearest_per_sample`: each sample
    takes the nearest member, which may serve several. `nearest_per_member`: each member goes to the nearest
    sample, which may have several. `previous`: each sample takes the last member that starts at or before it,
    whose value is held until the next one. `overlap`: all spans that meet. `auto` is nearest where neither
    side has a length, and overlap elsewhere.
    The nearest are at most `tolerance` apart, 20 ms where none is said; a value held is at most that old, and
    has to say it. Of spans, what meets no sample goes to the nearest one if a tolerance is said and the room
    between the two is no wider. `least_share` is what two spans that meet must share of the shorter of them;
    with 0 it is enough to meet.
    `pool` says of which roles the frames are pooled onto the samples, and how.
    By content, `by` says what is compared: encoded `vectors` of one space, vectors brought into one space
    that is fitted on known pairs (`coordinated`: labels and what they are about, the only two of a session,
    and `pairs`, a CSV of member,reference ids), the words of a `text`, or the looks of pictures
    (`picture_hash`). `pairing`: each other's nearest (`mutual`), the best one-to-one `assignment`, or
    everything with what it is most like (`threshold`). A pair is at least `threshold` alike, from -1 to 1
    (that of THRESHOLDS where none is said), and clearer than the second best by `margin`. `candidates` are of
    the same session, of the whole batch, or `everywhere`: of all batches that say so with the same reference,
    by, pairing, threshold and margin. Those form a round, paired as if delivered as one, whatever the gate
    says of each; one that comes, changes or goes has the whole round aligned anew. `pairs` are of the batch's
    own ids there too.
    """

    method: Literal["key", "timestamp", "content"]
    reference: str | Windows
    tolerance: DurationNs | None = None
    match: Match = "auto"
    threshold: float | None = None
    by: Literal["vectors", "coordinated", "text", "picture_hash"] = "vectors"
    pairing: Literal["mutual", "assignment", "threshold"] = "mutual"
    candidates: Literal["session", "batch", "everywhere"] = "batch"
    margin: float = 0.0
    pairs: PathText | None = None
    least_share: float = 0.0
    pool: dict[str, Pool] = field(default_factory=dict)
    roles: dict[str, RoleMatch] = field(default_factory=dict)

    def match_of(self, role: str) -> RoleMatch:
        """How that role meets the samples; without a tolerance where none is said."""
        own = self.roles.get(role, RoleMatch(self.match))
        tolerance = self.tolerance if own.tolerance is None else own.tolerance
        return RoleMatch(own.match or self.match, tolerance)

    def unknown_roles(self, known: list[str]) -> list[str]:
        """A sentence for each of `roles` that there is not: most are misspelt."""
        return [
            f"align.roles.{role}: the batch has {known}, so that it says nothing.{nearest_word(role, known)}"
            for role in sorted(set(self.roles) - set(known))
        ]

    @property
    def tolerance_ns(self) -> int:
        """How far the nearest may be apart."""
        return USUAL_TOLERANCE_NS if self.tolerance is None else self.tolerance

    def __post_init__(self) -> None:
        """Refuse what has no meaning: windows where nothing has a time, options of another method."""
        if isinstance(self.reference, Windows) and self.method != "timestamp":
            raise ValueError("reference: windows need method: timestamp")
        self._refuse_wrong_times()
        self._refuse_wrong_content()

    @property
    def least_alike(self) -> float:
        """How alike a pair is at least, by content."""
        return THRESHOLDS[self.by] if self.threshold is None else self.threshold

    def _refuse_wrong_times(self) -> None:
        if self.method != "timestamp":
            self._refuse_options("method: timestamp", "match", "least_share")
            if self.roles:
                raise ValueError("roles has a meaning only with method: timestamp")
        refuse_wrong_tolerance(self.tolerance)
        if self.reference in self.roles:
            raise ValueError(f"roles: '{self.reference}' is the reference: its members are the samples")
        self._refuse_endless_hold()
        if not 0 <= self.least_share <= 1:
            raise ValueError(f"least_share: expected a share from 0 to 1, got {self.least_share:g}")
        if self.pool and self.method != "timestamp":
            raise ValueError("pool: frames are pooled by time, with method: timestamp")
        unsafe = sorted(role for role in self.pool if not _FILE_NAME.fullmatch(role))
        if unsafe:
            raise ValueError(f"pool: a role names a file here: expected letters, digits, _ . -, got {unsafe}")

    def _refuse_endless_hold(self) -> None:
        """A value that is held has an age at which it is none any more."""
        held = [role for role in self.roles if self.match_of(role) == RoleMatch("previous")]
        if held or (self.match == "previous" and self.tolerance is None):
            where = f"roles.{held[0]}: " if held else ""
            raise ValueError(
                f"{where}match: previous needs a tolerance: how old a value may be, such as tolerance: 200ms"
            )

    def _refuse_wrong_content(self) -> None:
        if self.method != "content":
            self._refuse_options("method: content", "by", "pairing", "candidates", "threshold", "margin")
        if self.by != "coordinated":
            self._refuse_options("by: coordinated", "pairs")
        if not -1 <= self.least_alike <= 1 or not 0 <= self.margin <= 2:
            raise ValueError("expected a threshold from -1 to 1 and a margin from 0 to 2")

    def _refuse_options(self, needed: str, *names: str) -> None:
        defaults = {option.name: option.default for option in fields(self)}
        for name in names:
            if getattr(self, name) != defaults[name]:
                raise ValueError(f"{name} has a meaning only with {needed}")
