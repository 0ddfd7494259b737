"""What several annotators say together, and how well they agree.

reads   labels (the columns of VOICE_COLUMNS)
writes  consensus, agreement

Only labels that several annotators share are looked at one by one, in the order of their items.
"""

import pyarrow as pa

from tasks.core.schemas import AGREEMENT, CONSENSUS
from tasks.core.tables import TableBuilder
from tasks.label.agreement.measuring import Measuring, measured_as, spoken_by
from tasks.label.agreement.voices import shared_topics, voted_labels
from tasks.label.agreement.voting import Ballot, consensus_rows


def agree(batch: str, labels: pa.Table, ballot: Ballot) -> tuple[pa.Table, pa.Table]:
    """The batch's consensus and agreement tables; the order of the labels does not matter."""
    voted = voted_labels(labels)
    spoken = spoken_by(voted)
    measured = {key: Measuring(annotators, ballot.same_from_iou) for key, annotators in spoken.items()}
    consensus, agreement = TableBuilder(CONSENSUS), TableBuilder(AGREEMENT)
    for topic in shared_topics(voted):
        for row in consensus_rows(batch, topic, ballot):
            consensus.append(row)
        measured[measured_as(topic.task, topic.question)].take(topic)
    for (task, question), measuring in measured.items():
        for row in measuring.rows():
            agreement.append({"batch": batch, "task": task, "question": question, **row})
    return consensus.finish(), agreement.finish()
