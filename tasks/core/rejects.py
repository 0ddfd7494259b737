"""Rows that were left out: which row of which table, the reason as a fixed word, and a sentence to act on."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a row was left out. The words are stable: users filter by them."""

    # collect, by the gate: the item is there, its media is not usable
    FILE_MISSING = "file_missing"
    FILE_EMPTY = "file_empty"
    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    UNKNOWN_MEDIA = "unknown_media"
    UNSUPPORTED_MEDIA = "unsupported_media"
    WRONG_ENCODING = "wrong_encoding"
    NOT_A_NUMBER = "not_a_number"
    # collect, of what is downloaded or unpacked
    ADDRESS_REFUSED = "address_refused"
    ROBOTS_FORBID = "robots_forbid"
    USE_FORBIDDEN = "use_forbidden"
    HTTP_STATUS = "http_status"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TIMED_OUT = "timed_out"
    CONNECTION_FAILED = "connection_failed"
    UNSAFE_ARCHIVE = "unsafe_archive"
    # collect, of files that are no items
    NOT_OF_THE_DATA = "not_of_the_data"
    OTHER_MODALITY = "other_modality"
    # label
    EXPORT_BROKEN = "export_broken"
    ITEM_NOT_FOUND = "item_not_found"
    ITEM_AMBIGUOUS = "item_ambiguous"
    UNKNOWN_CATEGORY = "unknown_category"
    BOX_OUTSIDE_IMAGE = "box_outside_image"
    WRONG_SIZE = "wrong_size"
    NO_CLASS = "no_class"
    NO_TEXT = "no_text"
    CONTROL_CHARACTER = "control_character"
    ZERO_AREA = "zero_area"
    END_BEFORE_START = "end_before_start"
    BEYOND_MEDIA_END = "beyond_media_end"
    MALFORMED = "malformed"
    REPEATED = "repeated"
    CANCELLED = "cancelled"
    UNSUPPORTED_LABEL = "unsupported_label"
    PREDICTION = "prediction"
    LABEL_NOT_FOUND = "label_not_found"
    FRAME_RATE_UNKNOWN = "frame_rate_unknown"
    FRAME_RATE_MISMATCH = "frame_rate_mismatch"
    # align
    NO_REFERENCE = "no_reference"
    NO_TIME = "no_time"
    NO_MATCH_IN_TOLERANCE = "no_match_in_tolerance"
    NO_OVERLAP = "no_overlap"
    NO_SUCH_KEY = "no_such_key"
    CLOCK_UNKNOWN = "clock_unknown"
    CLOCK_JUMPS = "clock_jumps"
    MARK_OFF_LINE = "mark_off_line"
    TIME_OUT_OF_REACH = "time_out_of_reach"
    BELOW_THRESHOLD = "below_threshold"
    NOT_MUTUAL = "not_mutual"
    AMBIGUOUS = "ambiguous"
    TAKEN = "taken"
    TOO_MANY_CANDIDATES = "too_many_candidates"
    NO_VECTOR = "no_vector"
    NOT_COMPARABLE = "not_comparable"
    NO_CANDIDATE = "no_candidate"
    TEXT_NOT_FOUND = "text_not_found"
    ITEM_NOT_ALIGNED = "item_not_aligned"
    # encode
    NOT_READABLE = "not_readable"
    NO_ENCODER = "no_encoder"
    # validate
    EXPECTATION_FAILED = "expectation_failed"
    # fuse, export
    BATCH_REJECTED = "batch_rejected"
    REFERENCE_QUARANTINED = "reference_quarantined"
    MEMBER_QUARANTINED = "member_quarantined"
    NOTHING_BUT_TARGETS = "nothing_but_targets"
    SAMPLE_LEFT_OUT = "sample_left_out"
    SPLITS_DISAGREE = "splits_disagree"
    JOINS_SPLITS = "joins_groups_of_different_splits"
    NO_MEDIA = "no_media"


@dataclass(frozen=True)
class Reject:
    """One row left out; `role` and `expectation` are empty where they mean nothing.

    `item_id` and `task` are those of a rejected label, where they are known.
    """

    batch: str
    table: str
    row_id: str
    reason: Reason
    detail: str
    role: str = ""
    expectation: str = ""
    item_id: str | None = None
    task: str | None = None

    def row(self) -> dict[str, object]:
        """The reject as a row of a rejects table."""
        about: dict[str, object] = {"item_id": self.item_id, "task": self.task} if self.item_id else {}
        return {
            **about,
            "batch": self.batch,
            "table": self.table,
            "row_id": self.row_id,
            "role": self.role,
            "expectation": self.expectation,
            "reason": self.reason.value,
            "detail": self.detail,
        }
