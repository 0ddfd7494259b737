"""What an assignment loses when one of its pairs is forbidden, exactly.

Any other assignment differs from the best one by exchanges: a row takes the partner of a second row, which
takes that of a third, and so on, back to the first or out to a row or column that is free. What a pair's
absence costs is the cheapest round of exchanges that its row goes on: the shortest cycle through it, found
from all shortest paths (Floyd 1962, "Algorithm 97: shortest path").
"""

import numpy as np

from tasks.align.by_content.rows import Float64s, Int64s


def losses_without(weights: Float64s, partner: Int64s) -> Float64s:
    """Per row what the best sum of weights loses without the row's pair, or with a pair for a free row.

    `weights` is 0 where rows may not be paired; `partner` is a best assignment, -1 for a free row. A pair for
    which there is no other way loses its weight.
    """
    paired, free = np.flatnonzero(partner >= 0), np.flatnonzero(partner < 0)
    columns = partner[paired]
    free_columns = np.setdiff1d(np.arange(weights.shape[1]), columns)
    own = weights[paired, columns]
    taken = weights[np.ix_(paired, columns)]
    # Place 0 is outside: where rows leave to, and free rows come from.
    steps = np.full((len(paired) + 1,) * 2, np.inf)
    steps[1:, 1:] = np.where(taken > 0, own[:, None] - taken, np.inf)
    steps[1:, 0] = own - weights[np.ix_(paired, free_columns)].max(axis=1, initial=0)
    steps[0, 1:] = -weights[np.ix_(free, columns)].max(axis=0, initial=0)
    np.fill_diagonal(steps, np.inf)
    shortest = _shortest_paths(steps)
    losses = np.empty(len(weights))
    losses[paired] = (steps + shortest.T).min(axis=1)[1:]
    coming = np.where(weights[np.ix_(free, columns)] > 0, -weights[np.ix_(free, columns)], np.inf)
    losses[free] = (coming + shortest[1:, 0]).min(axis=1, initial=np.inf)
    return losses


def _shortest_paths(steps: Float64s) -> Float64s:
    shortest = steps.copy()
    np.fill_diagonal(shortest, 0)
    for through in range(len(shortest)):
        np.minimum(shortest, shortest[:, through, None] + shortest[through], out=shortest)
    return shortest
