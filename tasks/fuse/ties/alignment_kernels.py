"""The loops of the second look, compiled by Numba: lay one small picture on another, and count what agrees.

reads   two small grey pictures, blurred (float64, of one size), and a guess of how one lies on the other
writes  the guess bettered, and how much of the two agrees
rules   A placing is a row of six numbers, a b c d e f: what is at (x, y) in the one is at (a x + b y + c,
        d x + e y + f) in the other. It is bettered by least squares over six numbers and the gain and
        offset of the brightness (Lucas and Kanade 1981; Baker and Matthews 2004). What agrees is counted
        in tiles of 8 x 8, each less the plane that fits it best, so that even shades count for nothing: a
        tile agrees where its normalised correlation reaches `_ALIKE`. So an overlay, a border or a shadow
        costs only the tiles that it covers.
        It costs what `tasks/core/machine_code.py` says, and is imported only to compare pictures.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.core.machine_code import compiled

Reals = NDArray[np.float64]

_TILE = 8
_ALIKE = 0.85
_STRIDE = 2  # every fourth pixel of a blurred picture tells eight unknowns well enough
_FEWEST = 100  # of these pixels, that both show
_TEXTURED = 1.5  # grey levels of deviation in a tile that says something
_MOST_WEIGHT = 6.0
_OVERLAID = 12.0  # grey levels; what differs more is likely to be laid over one of the two
_UNKNOWNS = 8


@compiled
def _at(picture: Reals, x: float, y: float) -> float:
    """The picture between its pixels; the edge is repeated."""
    side = picture.shape[0]
    x, y = min(max(x, 0.0), side - 1.001), min(max(y, 0.0), side - 1.001)
    left, top = int(x), int(y)
    over, down = x - left, y - top
    upper = picture[top, left] * (1 - over) + picture[top, left + 1] * over
    lower = picture[top + 1, left] * (1 - over) + picture[top + 1, left + 1] * over
    return float(upper * (1 - down) + lower * down)


@compiled
def _step(one: Reals, other: Reals, placing: Reals, light: Reals) -> bool:
    """Better the placing once; False where there is nothing to go by.

    `light` is the gain and the offset found so far; what differs much under them counts little.
    """
    side = one.shape[0]
    middle = (side - 1) / 2
    normal = np.zeros((_UNKNOWNS, _UNKNOWNS))
    right = np.zeros(_UNKNOWNS)
    row = np.empty(_UNKNOWNS)
    count = 0
    for y in range(0, side, _STRIDE):
        for x in range(0, side, _STRIDE):
            to_x = placing[0] * x + placing[1] * y + placing[2]
            to_y = placing[3] * x + placing[4] * y + placing[5]
            if not (-0.5 <= to_x <= side - 0.5 and -0.5 <= to_y <= side - 0.5):
                continue
            count += 1
            slope_x = (_at(other, to_x + 1, to_y) - _at(other, to_x - 1, to_y)) / 2
            slope_y = (_at(other, to_x, to_y + 1) - _at(other, to_x, to_y - 1)) / 2
            over, down = (x - middle) / middle, (y - middle) / middle
            row[0], row[1] = _at(other, to_x, to_y), 1.0
            row[2], row[3], row[4] = slope_x * over, slope_x * down, slope_x
            row[5], row[6], row[7] = slope_y * over, slope_y * down, slope_y
            differing = (light[0] * row[0] + light[1] - one[y, x]) / _OVERLAID
            weight = 1.0 / (1.0 + differing * differing) if light[0] > 0 else 1.0
            for i in range(_UNKNOWNS):
                right[i] += weight * row[i] * one[y, x]
                for j in range(i + 1):
                    normal[i, j] += weight * row[i] * row[j]
    if count < _FEWEST:
        return False
    for i in range(_UNKNOWNS):
        normal[i, i] = normal[i, i] * 1.001 + 1e-3
        for j in range(i):
            normal[j, i] = normal[i, j]
    solved = _solve(normal, right)
    if solved[0] < 0.05:
        return False
    light[:] = solved[:2]
    _move(placing, solved[2:] / solved[0], middle)
    return True


@compiled
def _move(placing: Reals, change: Reals, middle: float) -> None:
    """Add the change, at most six pixels at the edge."""
    change *= 6.0 / max(6.0, np.abs(change).max())
    for axis in range(2):
        over, down, shift = change[3 * axis], change[3 * axis + 1], change[3 * axis + 2]
        placing[3 * axis] += over / middle
        placing[3 * axis + 1] += down / middle
        placing[3 * axis + 2] += shift - over - down


@compiled
def _solve(normal: Reals, right: Reals) -> Reals:
    """Cholesky's, in a fixed order (LAPACK's differs from machine to machine)."""
    size = len(right)
    for i in range(size):
        for j in range(i + 1):
            total = normal[i, j]
            for k in range(j):
                total -= normal[i, k] * normal[j, k]
            normal[i, j] = np.sqrt(max(total, 1e-12)) if i == j else total / normal[j, j]
    solved = right.copy()
    for i in range(size):
        for k in range(i):
            solved[i] -= normal[i, k] * solved[k]
        solved[i] /= normal[i, i]
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            solved[i] -= normal[k, i] * solved[k]
        solved[i] /= normal[i, i]
    return solved


@compiled
def better(one: Reals, other: Reals, placing: Reals, steps: int) -> bool:
    """Better the placing, in place, so many times; False where there is nothing to go by."""
    light = np.zeros(2)
    going = True
    for _ in range(steps):
        going = going and _step(one, other, placing, light)
    return going


@compiled
def _without_plane(values: Reals, columns: Reals, rows: Reals, count: int) -> Reals:
    """The values less the plane that fits them best: an even shade agrees with every other."""
    over, down = columns[:count] - columns[:count].mean(), rows[:count] - rows[:count].mean()
    own = values[:count] - values[:count].mean()
    across, upright, both = (over * over).sum(), (down * down).sum(), (over * down).sum()
    by_over, by_down = (own * over).sum(), (own * down).sum()
    size = max(across * upright - both * both, 1e-9)
    slope_over = (by_over * upright - by_down * both) / size
    slope_down = (by_down * across - by_over * both) / size
    left: Reals = own - slope_over * over - slope_down * down
    return left


@compiled
def agreement(one: Reals, other: Reals, placing: Reals) -> tuple[float, int, float, float]:
    """The share of what is textured that agrees, in how many tiles, and how much of each picture is shown."""
    side = one.shape[0]
    tiles = (side // _TILE) ** 2
    deviations, others, alike = np.zeros(tiles), np.zeros(tiles), np.zeros(tiles)
    seen, used = 0, 0
    here, there = np.empty(_TILE * _TILE), np.empty(_TILE * _TILE)
    columns, rows = np.empty(_TILE * _TILE), np.empty(_TILE * _TILE)
    for tile in range(tiles):
        top, left = tile // (side // _TILE) * _TILE, tile % (side // _TILE) * _TILE
        count = 0
        for y in range(top, top + _TILE):
            for x in range(left, left + _TILE):
                to_x = placing[0] * x + placing[1] * y + placing[2]
                to_y = placing[3] * x + placing[4] * y + placing[5]
                if -0.5 <= to_x <= side - 0.5 and -0.5 <= to_y <= side - 0.5:
                    here[count], there[count] = one[y, x], _at(other, to_x, to_y)
                    columns[count], rows[count] = x - left, y - top
                    count += 1
        seen += count
        if 5 * count >= 3 * _TILE * _TILE:
            own, its = _without_plane(here, columns, rows, count), _without_plane(there, columns, rows, count)
            deviations[used], others[used] = np.sqrt((own * own).mean()), np.sqrt((its * its).mean())
            alike[used] = (own * its).mean() / (deviations[used] * others[used] + 1e-9)
            used += 1
    shown = seen / (side * side)
    size = abs(placing[0] * placing[4] - placing[1] * placing[3])
    if used == 0:
        return 0.0, 0, shown, shown * size
    gain = max(np.median(others[:used]) / max(np.median(deviations[:used]), 1e-9), 1e-9)
    agreeing, textured, all_weight = 0.0, 0, 1e-9
    for tile in range(used):
        deviation = max(deviations[tile], others[tile] / gain)
        if deviation >= _TEXTURED:
            weight = min(deviation, _MOST_WEIGHT)
            textured += 1
            all_weight += weight
            if alike[tile] >= _ALIKE:
                agreeing += weight
    return agreeing / all_weight, textured, shown, shown * size
