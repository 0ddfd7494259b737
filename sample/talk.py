"""The talk: what is said, and which slide is on the screen meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass

from sample import slide_drawings as drawings
from sample.canvas import Canvas

WELCOME = "Good morning, and welcome to our little harbour."


@dataclass(frozen=True)
class Slide:
    """One slide; a slide without sentences is shown in silence."""

    name: str
    title: str
    draw: Callable[[Canvas], None]
    sentences: tuple[str, ...]


TALK: tuple[Slide, ...] = (
    Slide(
        "01-title",
        "A morning at the harbour",
        drawings.title,
        ("In the next two minutes we shall walk once around the bay.",),
    ),
    Slide(
        "02-lighthouse",
        "The lighthouse",
        drawings.lighthouse,
        ("The lighthouse turns once every ten seconds.", "Its lamp can be seen from thirty kilometres away."),
    ),
    Slide(
        "03-tide",
        "The tide",
        drawings.tide,
        (
            "Twice a day the moon pulls the water up the stone steps.",
            "At low tide you can count the mussels.",
        ),
    ),
    Slide(
        "04-sailing",
        "Sailing boats",
        drawings.sailing,
        ("A sailing boat cannot go straight into the wind.", "It zigzags, and sailors call that tacking."),
    ),
    Slide(
        "05-fish",
        "The fish market",
        drawings.market,
        ("The fish market opens at five, long before breakfast.",),
    ),
    Slide(
        "06-gulls",
        "Gulls",
        drawings.gulls,
        ("Gulls steal bread from anyone who looks away.", "They can drink salt water, which we cannot."),
    ),
    Slide("07-pause", "(a minute to look)", drawings.pause, ()),
    Slide(
        "08-crane",
        "The crane",
        drawings.crane,
        (
            "That tall crane lifts forty containers in an hour.",
            "Its driver climbs two hundred rungs to the cabin.",
        ),
    ),
    Slide(
        "09-buoy",
        "Buoys",
        drawings.buoy,
        ("Red buoys keep to the left, and green ones to the right.",),
    ),
    Slide(
        "10-anchor",
        "The anchor",
        drawings.anchor,
        (
            "This rusty anchor weighs as much as an elephant.",
            "It was found by a diver in nineteen sixty two.",
        ),
    ),
    Slide(
        "11-bridge",
        "The bridge",
        drawings.bridge,
        ("The old bridge hangs from two steel cables.", "On hot afternoons it grows longer by a hand."),
    ),
    Slide(
        "12-flags",
        "Flags and wind",
        drawings.flags,
        ("When the flags stand out like boards, the ferry stays in port.",),
    ),
    Slide(
        "13-sunset",
        "Thank you",
        drawings.sunset,
        ("That was our walk, thank you for listening.",),
    ),
)
