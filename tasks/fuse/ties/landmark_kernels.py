"""The loops of finding landmarks in a small grey picture, compiled by Numba.

reads   a grey picture (float64), the kernels of its blurs, the rows of a cosine transform
writes  of each landmark its place, its scale, and the low frequencies of the patch around it
rules   A landmark is a blob: an extremum among differences of Gaussians, over place and scale (Lowe 2004,
        "Distinctive image features from scale-invariant keypoints"). Its patch is as wide as `REACH` times
        its scale to each side and upright; turns by a few degrees change few of its signs. Sums run in a
        fixed order, so every processor finds the same bits.
        It costs what `tasks/core/machine_code.py` says, and is imported only to compare pictures.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.core.machine_code import compiled

Reals = NDArray[np.float64]
Int64s = NDArray[np.int64]
UInt64s = NDArray[np.uint64]

REACH = 4.0
LOW = 8
POSES = 8
MIRRORED, FLIPPED, TRANSPOSED = 1, 2, 4  # the bits of a pose; transposed comes first
CLOSE_CALL = 0.25
_MOST_FOUND = 1024
_OUTSIDE = 0.35  # of its reach a patch may lie outside, where the edge is repeated
_ROUNDED = 1024.0


@compiled
def _blur(picture: Reals, kernel: Reals, radius: int, room: Reals, out: Reals) -> None:
    """Blur rows, then columns; the edge is repeated."""
    height, width = picture.shape
    padded = np.empty(width + 2 * radius)
    for y in range(height):
        padded[:radius] = picture[y, 0]
        padded[radius : radius + width] = picture[y]
        padded[radius + width :] = picture[y, width - 1]
        room[y] = kernel[radius] * picture[y]
        for step in range(1, radius + 1):
            before, after = padded[radius - step :], padded[radius + step :]
            for x in range(width):
                room[y, x] += kernel[radius + step] * (before[x] + after[x])
    for y in range(height):
        out[y] = kernel[radius] * room[y]
        for step in range(1, radius + 1):
            above, below = room[max(y - step, 0)], room[min(y + step, height - 1)]
            for x in range(width):
                out[y, x] += kernel[radius + step] * (above[x] + below[x])


@compiled
def blur_levels(picture: Reals, weights: Reals, radii: Int64s) -> Reals:
    """The picture after each level's blur, one upon the other."""
    height, width = picture.shape
    blurred = np.empty((len(radii), height, width))
    room = np.empty((height, width))
    for level in range(len(radii)):
        source = picture if level == 0 else blurred[level - 1]
        _blur(source, weights[level], radii[level], room, blurred[level])
    return blurred


@compiled
def _is_extremum(layers: Reals, level: int, y: int, x: int) -> bool:
    """Whether no neighbour in place and scale goes as far to the same side."""
    value = layers[level, y, x]
    side = 1.0 if value > 0 else -1.0
    if side * layers[level, y, x - 1] >= side * value or side * layers[level, y, x + 1] >= side * value:
        return False  # as most are not, which is seen fastest in the row
    for near_level in range(level - 1, level + 2):
        for near_y in range(y - 1, y + 2):
            for near_x in range(x - 1, x + 2):
                if near_level == level and near_y == y and near_x == x:
                    continue
                if side * layers[near_level, near_y, near_x] >= side * value:
                    return False
    return True


@compiled
def _peak(before: float, here: float, after: float) -> float:
    """Where between its neighbours a parabola through the three has its extremum."""
    bend = 2 * here - before - after
    return 0.5 * (after - before) / bend if bend != 0 else 0.0


@compiled
def _find(layers: Reals, scales: Reals, least: float) -> Reals:
    """Rows of x, y, scale and strength, the strongest first."""
    levels, height, width = layers.shape
    found = np.empty((_MOST_FOUND, 4))
    count = 0
    for level in range(1, levels - 1):
        for y in range(1, height - 1):
            for x in range(1, width - 1):
                value = layers[level, y, x]
                if abs(value) < least or count == _MOST_FOUND:
                    continue
                if not _is_extremum(layers, level, y, x):
                    continue
                up = _peak(layers[level - 1, y, x], value, layers[level + 1, y, x])
                scale = scales[level] * (scales[1] / scales[0]) ** up
                found[count, 0] = x + _peak(layers[level, y, x - 1], value, layers[level, y, x + 1])
                found[count, 1] = y + _peak(layers[level, y - 1, x], value, layers[level, y + 1, x])
                found[count, 2] = np.floor(scale * _ROUNDED + 0.5) / _ROUNDED
                found[count, 3] = abs(value)
                count += 1
    order = np.argsort(-found[:count, 3], kind="mergesort")
    return found[:count][order]


@compiled
def _patch(blurred: Reals, mark: Reals, patch: Reals) -> None:
    """The square around the landmark, by linear interpolation; the edge is repeated."""
    height, width = blurred.shape
    side = patch.shape[0]
    step = 2 * REACH * mark[2] / side
    for row in range(side):
        y = min(max(mark[1] + (row - (side - 1) / 2) * step, 0.0), height - 1.001)
        top = int(y)
        down = y - top
        for column in range(side):
            x = min(max(mark[0] + (column - (side - 1) / 2) * step, 0.0), width - 1.001)
            left = int(x)
            over = x - left
            upper = blurred[top, left] * (1 - over) + blurred[top, left + 1] * over
            lower = blurred[top + 1, left] * (1 - over) + blurred[top + 1, left + 1] * over
            patch[row, column] = upper * (1 - down) + lower * down


@compiled
def _transform(patch: Reals, cosines: Reals, half: Reals, low: Reals) -> None:
    """The low frequencies of the patch: cosines @ patch @ cosines.T."""
    side = patch.shape[0]
    for u in range(LOW):
        for column in range(side):
            half[u, column] = 0.0
        for row in range(side):
            for column in range(side):
                half[u, column] += cosines[u, row] * patch[row, column]
    for u in range(LOW):
        for v in range(LOW):
            total = 0.0
            for column in range(side):
                total += cosines[v, column] * half[u, column]
            low[u, v] = total


@compiled
def find_landmarks(
    picture: Reals, kernels: tuple[Reals, Int64s, Reals], cosines: Reals, most: int, least: float
) -> tuple[Reals, Reals]:
    """Up to `most` landmarks, the strongest first: rows of x, y and scale, and 8 x 8 frequencies of each.

    `kernels` are weights by level, their radii, and the scales that the picture has after each.
    """
    weights, radii, scales = kernels
    height, width = picture.shape
    levels = len(radii)
    blurred = blur_levels(picture, weights, radii)
    found = _find(blurred[1:] - blurred[:-1], scales, least)
    side = cosines.shape[1]
    patch, half = np.empty((side, side)), np.empty((LOW, side))
    marks, lows = np.empty((most, 3)), np.empty((most, LOW, LOW))
    kept = 0
    for mark in found:
        inside = REACH * mark[2] * (1 - _OUTSIDE)
        fits = inside <= mark[0] <= width - 1 - inside and inside <= mark[1] <= height - 1 - inside
        if kept == most or not fits:
            continue
        level = 0
        while level < levels - 1 and scales[level + 1] <= 1.6 * REACH * mark[2] / side:
            level += 1
        _patch(blurred[level], mark, patch)
        _transform(patch, cosines, half, lows[kept])
        marks[kept] = mark[:3]
        kept += 1
    return marks[:kept], lows[:kept]


@compiled
def _pose_code(low: Reals, pose: int) -> np.uint64:
    """The signs of the frequencies in that pose; of the mean brightness nothing is asked."""
    code = np.uint64(0)
    for u in range(LOW):
        for v in range(LOW):
            value = low[v, u] if pose & TRANSPOSED else low[u, v]
            if (v % 2 == 1 and pose & MIRRORED > 0) != (u % 2 == 1 and pose & FLIPPED > 0):
                value = -value
            if value > 0 and u + v > 0:
                code |= np.uint64(1) << np.uint64(LOW * u + v)
    return code


@compiled
def _is_own_pose(low: Reals, pose: int) -> bool:
    """Whether the pose is the landmark's own, or as good as that."""
    across, down = low[0, 1], low[1, 0]
    close = CLOSE_CALL * max(abs(across), abs(down))
    if pose & TRANSPOSED:
        across, down = down, across
    if pose & MIRRORED:
        across = -across
    if pose & FLIPPED:
        down = -down
    return bool(across > -close and down > -close and abs(across) > abs(down) - close)


@compiled
def describe(marks: Reals, lows: Reals, stretch_x: float, stretch_y: float) -> tuple[UInt64s, Reals]:
    """Codes of the landmarks in their own poses; how each patch, from -1 to 1, lies in the picture."""
    codes = np.empty(POSES * len(marks), np.uint64)
    frames = np.zeros((POSES * len(marks), 6))
    count = 0
    for number in range(len(marks)):
        for pose in range(POSES):
            if not _is_own_pose(lows[number], pose):
                continue
            codes[count] = _pose_code(lows[number], pose)
            over = marks[number, 2] * (-1.0 if pose & MIRRORED else 1.0)
            down = marks[number, 2] * (-1.0 if pose & FLIPPED else 1.0)
            # Mirrored across and down after it was transposed.
            frames[count, 1 if pose & TRANSPOSED else 0] = stretch_x * (down if pose & TRANSPOSED else over)
            frames[count, 3 if pose & TRANSPOSED else 4] = stretch_y * (over if pose & TRANSPOSED else down)
            frames[count, 2] = (marks[number, 0] + 0.5) * stretch_x - 0.5
            frames[count, 5] = (marks[number, 1] + 0.5) * stretch_y - 0.5
            count += 1
    return codes[:count], frames[:count]
