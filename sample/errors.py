"""What can go wrong while the sample is made.

SampleError
+-- MissingProgramError   a program that only the generator needs is not installed
+-- CrowdedError          no place, picture or wording is left that differs from those already taken
"""


class SampleError(Exception):
    """The sample could not be made."""


class MissingProgramError(SampleError):
    """A program that only the generator needs is not installed."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(
            f"{program!r} was not found; it is needed only to make the sample again, never to build with it. "
            f"Install it (apt-get install {package}) and run `python -m sample` once more."
        )


class CrowdedError(SampleError):
    """Nothing new is left to draw or to say."""

    def __init__(self, wanted: str, tries: int) -> None:
        super().__init__(f"no {wanted} in {tries} tries; ask for fewer, or give the generator more variety")
