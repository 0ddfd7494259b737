"""The example of `vqa`."""

from tasks.core.label import ItemName, Label
from tasks.core.label_entries import VqaExport
from tests.label_formats.examples.example import Example

EXAMPLE = Example(
    VqaExport("vqa", "q.json", "a.json"),
    {
        "q.json": {"questions": [{"question_id": 4, "image_id": 790, "question": "Is it a cat?"}]},
        "a.json": {
            "annotations": [
                {
                    "question_id": 4,
                    "image_id": 790,
                    "answers": [{"answer": "yes", "answer_id": 1, "answer_confidence": "maybe"}],
                }
            ]
        },
    },
    (
        Label(
            "4-1",
            "images/COCO_val2014_000000000790.jpg",
            "vqa",
            "a.json#4",
            "yes",
            question="Is it a cat?",
            confidence=0.5,
            annotator="1",
        ),
    ),
    (ItemName("images/COCO_val2014_000000000790.jpg", "image", 640, 480),),
)
