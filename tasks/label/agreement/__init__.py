"""What several annotators say together, and how well they agree.

reads   labels (the columns of VOICE_COLUMNS)
writes  consensus, agreement
"""

import pyarrow as pa

from tasks.core.schemas import AGREEMENT, CONSENSUS
from tasks.core.tables import TableBuilder
from tasks.label.agreement.measuring import Measuring
from tasks.label.agreement.regions import things_of
from tasks.label.agreement.voices import VotedLabels, topic_of
from tasks.label.agreement.voting import Ballot, consensus_rows


def agree(batch: str, voted: VotedLabels, ballot: Ballot) -> tuple[pa.Table, pa.Table]:
    """The batch's consensus and agreement tables; the order of the labels does not matter."""
    measured = {key: Measuring(annotators) for key, annotators in voted.spoken.items()}
    consensus, agreement = TableBuilder(CONSENSUS), TableBuilder(AGREEMENT)
    for topic in voted.topics():
        things = things_of(topic, ballot.same_from_iou)
        for row in consensus_rows(batch, topic, things, ballot):
            consensus.append(row)
        measured[topic_of(topic.task, topic.question)].take(topic.item_id, things)
    for (task, question), measuring in measured.items():
        for row in measuring.rows():
            agreement.append({"batch": batch, "task": task, "question": question, **row})
    return consensus.finish(), agreement.finish()
