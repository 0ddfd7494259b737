"""The stage's block of params.yaml.

params  fuse
"""

from dataclasses import dataclass

from tasks.core.near_hashes import MOST_BITS


@dataclass(frozen=True)
class FuseParams:
    """How samples are split, what keeps them together, and how wide their representations are.

    What `train_share` and `validation_share` leave is the test split. What follows stays on one side:
    pictures whose perceptual hashes differ in at most `near_duplicate_bits` of 64, or of which
    `near_duplicate_share` of what both show agrees when one is laid on the other; sounds whose
    fingerprints have `near_duplicate_sound` of their bits in common (strangers have about a half); text
    items that are the same and at least `shared_text_characters` long; and samples with the same target
    text of at least `shared_target_characters`, where 0 ties none by their targets.
    """

    train_share: float
    validation_share: float
    seed: int
    dimensions: int
    near_duplicate_bits: int
    near_duplicate_share: float
    near_duplicate_sound: float
    shared_text_characters: int
    shared_target_characters: int

    def __post_init__(self) -> None:
        """Refuse shares that are none, and numbers without a meaning."""
        shares = (self.train_share, self.validation_share)
        if min(shares) < 0 or sum(shares) > 1:
            raise ValueError(f"expected shares of at least 0 and at most 1 in sum, got {list(shares)}")
        if self.shared_target_characters < 0:
            raise ValueError("expected shared_target_characters of at least 0")
        if self.dimensions < 1 or self.shared_text_characters < 1:
            raise ValueError("expected dimensions and shared_text_characters of at least 1")
        for name in ("near_duplicate_share", "near_duplicate_sound"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name}: expected above 0, to 1, got {getattr(self, name)}")
        if not 0 <= self.near_duplicate_bits <= MOST_BITS:
            raise ValueError(
                f"near_duplicate_bits: expected 0 to {MOST_BITS}, got {self.near_duplicate_bits}"
            )
