"""Texts of the reviews, made of phrases: an opening, a point or two, something neutral, a verdict."""

from numpy.random import Generator

Phrases = tuple[str, ...]

OPENINGS: Phrases = (
    "Bought this {product} in spring.",
    "The {product} came on a Tuesday.",
    "This is my second {product} from them.",
    "We use the {product} every day.",
    "I was looking for a new {product}.",
    "My sister gave me this {product}.",
    "A {product} for the office.",
    "Two weeks with the {product} so far.",
    "The {product} stands in our hallway now.",
    "Ordered the {product} after reading a lot of reviews.",
)
NEUTRAL: Phrases = (
    "It arrived in a brown box.",
    "The colour is as in the picture.",
    "The manual comes in six languages.",
    "It weighs about what you would expect.",
    "There is a label on the bottom.",
    "I have not tried the other sizes.",
    "Delivery took three days.",
    "It is a little smaller than my old one.",
)
PRAISE: Phrases = (
    "It feels solid and well made",
    "The finish is lovely",
    "It does its job without any fuss",
    "Every detail is thought through",
    "It looks even better than I hoped",
    "Cleaning it is easy",
    "The quality surprised me",
    "It still looks like new",
)
BLAME: Phrases = (
    "It feels flimsy and cheap",
    "The paint came off within days",
    "It stopped working after a week",
    "One part was missing",
    "It wobbles and creaks",
    "Cleaning it is a pain",
    "The quality let me down",
    "It smells of glue",
)
HAPPY_VERDICTS: Phrases = (
    "I would buy it again.",
    "Worth every cent.",
    "I am delighted.",
    "Warmly recommended.",
    "Not bad at all!",
    "Happy with it.",
)
UNHAPPY_VERDICTS: Phrases = (
    "I sent it back.",
    "A waste of money.",
    "I am disappointed.",
    "Stay away from it.",
    "Not good at all.",
    "I want a refund.",
)


def pick(rng: Generator, phrases: Phrases) -> str:
    """One of the phrases."""
    return phrases[int(rng.integers(len(phrases)))]


def review_text(rng: Generator, product: str, *, positive: bool) -> str:
    """One review; now and then it grants the other side a point."""
    own, other = (PRAISE, BLAME) if positive else (BLAME, PRAISE)
    verdict = pick(rng, HAPPY_VERDICTS if positive else UNHAPPY_VERDICTS)
    opening = pick(rng, OPENINGS).format(product=product)
    sentences = [opening, aspect(rng, own, other)]
    if rng.random() < 0.55:
        sentences.insert(int(rng.integers(1, 3)), pick(rng, NEUTRAL))
    if rng.random() < 0.75:
        sentences.append(verdict)
    return " ".join(sentences)


def aspect(rng: Generator, own: Phrases, other: Phrases) -> str:
    """What the reviewer found: two points of a kind, or a concession and a point."""
    first, second = (own[index] for index in rng.permutation(len(own))[:2])
    chance = rng.random()
    if chance < 0.2:
        return f"{pick(rng, other)}, but {lowered(first)}."
    if chance < 0.6:
        return f"{first} and {lowered(second)}."
    return f"{first}."


def lowered(sentence: str) -> str:
    """The sentence as it stands after a comma."""
    return sentence[0].lower() + sentence[1:]
