"""VQA v2 files of scenes: questions with known answers, each answered by ten annotators of whom a few err."""

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.random import Generator

from sample.colours import NAMED
from sample.folder import Json
from sample.scene_coco import LICENSES, information
from sample.scene_model import KINDS, Scene

ANNOTATORS = 10
MISTAKEN_SHARES = (0.55, 0.25, 0.13, 0.07)
MOST_COLOUR_QUESTIONS = 2


@dataclass(frozen=True)
class Question:
    """One question, its true answer, and the answers that a careless annotator might give."""

    image_id: int
    text: str
    answer: str
    opening: str
    kind: str
    wrong_answers: tuple[str, ...]


def questions(rng: Generator, scene: Scene) -> list[Question]:
    """Colour questions about shapes that are alone of their kind, one yes, one no, and how many."""
    return [
        *colour_questions(rng, scene),
        existence_question(rng, scene, true=True),
        existence_question(rng, scene, true=False),
        count_question(scene),
    ]


def colour_questions(rng: Generator, scene: Scene) -> list[Question]:
    """At most two questions, each about the only shape of its kind."""
    kinds = [shape.kind for shape in scene.shapes]
    alone = [shape for shape in scene.shapes if kinds.count(shape.kind) == 1][:MOST_COLOUR_QUESTIONS]
    asked = []
    for shape in alone:
        opening = ("what color is the", "what is the color of the")[int(rng.integers(2))]
        text = f"{opening.capitalize()} {shape.kind}?"
        wrong = tuple(colour for colour in NAMED if colour != shape.colour)
        asked.append(Question(scene.image_id, text, shape.colour, opening, "other", wrong))
    return asked


def existence_question(rng: Generator, scene: Scene, *, true: bool) -> Question:
    """Is there such a kind, or such a colour? One that is there when `true`, else one that is not."""
    seen_kinds, seen_colours = {s.kind for s in scene.shapes}, {s.colour for s in scene.shapes}
    kinds = [kind for kind in KINDS if (kind in seen_kinds) == true]
    colours = [colour for colour in NAMED if (colour in seen_colours) == true]
    answer, wrong = ("yes", "no") if true else ("no", "yes")
    if kinds and rng.random() < 0.6:
        text, opening = f"Is there a {rng.choice(kinds)}?", "is there a"
    else:
        text, opening = f"Is there anything {rng.choice(colours)}?", "is there"
    return Question(scene.image_id, text, answer, opening, "yes/no", (wrong,))


def count_question(scene: Scene) -> Question:
    """How many shapes are there?"""
    count = len(scene.shapes)
    near = tuple(str(number) for number in (count - 1, count + 1) if number > 0)
    return Question(scene.image_id, "How many shapes are there?", str(count), "how many", "number", near)


def numbered(asked: Sequence[Question]) -> list[tuple[int, Question]]:
    """Each question with its id: the picture's id and three digits, as in VQA."""
    places: dict[int, int] = {}
    pairs = []
    for question in asked:
        place = places.get(question.image_id, 0)
        places[question.image_id] = place + 1
        pairs.append((question.image_id * 1000 + place, question))
    return pairs


def header(description: str) -> dict[str, Json]:
    """What both VQA files begin with."""
    return {
        "info": information(description),
        "data_type": "mscoco",
        "data_subtype": "train2026",
        "license": LICENSES,
    }


def questions_file(asked: Sequence[Question]) -> Json:
    """questions.json."""
    rows: Json = [
        {"image_id": question.image_id, "question": question.text, "question_id": question_id}
        for question_id, question in numbered(asked)
    ]
    return header("Questions about scenes of coloured shapes") | {
        "task_type": "Open-Ended",
        "questions": rows,
    }


def annotations_file(rng: Generator, asked: Sequence[Question]) -> Json:
    """annotations.json: ten answers a question."""
    rows: Json = [annotation(rng, question_id, question) for question_id, question in numbered(asked)]
    return header("Answers about scenes of coloured shapes") | {"annotations": rows}


def annotation(rng: Generator, question_id: int, question: Question) -> Json:
    """The ten answers to one question; the true one is always the most frequent."""
    mistaken = int(rng.choice(len(MISTAKEN_SHARES), p=MISTAKEN_SHARES))
    who = {int(index) for index in rng.permutation(ANNOTATORS)[:mistaken]}
    answers = [
        str(rng.choice(question.wrong_answers)) if index in who else question.answer
        for index in range(ANNOTATORS)
    ]
    return {
        "question_type": question.opening,
        "multiple_choice_answer": question.answer,
        "answers": [vote(rng, number, answer, question) for number, answer in enumerate(answers, start=1)],
        "image_id": question.image_id,
        "answer_type": question.kind,
        "question_id": question_id,
    }


def vote(rng: Generator, number: int, answer: str, question: Question) -> Json:
    """One annotator's answer; those who err are rarely sure."""
    sure = 0.92 if answer == question.answer else 0.2
    confidence = "yes" if rng.random() < sure else str(rng.choice(["maybe", "no"]))
    return {"answer": answer, "answer_confidence": confidence, "answer_id": number}
