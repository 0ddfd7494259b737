"""The nearest two of every hash among the hashes of the other side, both ways, compiled by Numba.

reads   two arrays of 64-bit hashes
writes  of each row the nearest and the second nearest on the other side, and in how many bits they differ
rules   Every hash is compared with every other; equals go to the lower row. A group of columns is looked at
        one by one only where some of them, or the row, has come nearer: mostly none has, and then a pair
        costs less than a nanosecond. Memory is a few numbers a row.
        It costs what `tasks/core/machine_code.py` says, and is imported only to compare very many hashes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.core.machine_code import compiled

UInt64s = NDArray[np.uint64]
UInt8s = NDArray[np.uint8]
Int64s = NDArray[np.int64]
# (2, rows), the nearest and the second: which they are or -1, and the bits that differ or FARTHEST.
Two = tuple[Int64s, UInt8s]

FARTHEST = 65
_GROUP_COLUMNS = 64
_BLOCK_ROWS = 256


@compiled
def nearest_two(rows: UInt64s, columns: UInt64s) -> tuple[Two, Two]:
    """Of each row its two nearest columns, and of each column its two nearest rows."""
    of_row, row_bits = _nobody(len(rows))
    of_column, column_bits = _nobody(len(columns))
    bits = np.empty(_GROUP_COLUMNS, np.uint8)
    for first_row in range(0, len(rows), _BLOCK_ROWS):
        for first in range(0, len(columns), _GROUP_COLUMNS):
            group = columns[first : first + _GROUP_COLUMNS]
            seconds = column_bits[1, first : first + _GROUP_COLUMNS]
            for row in range(first_row, min(first_row + _BLOCK_ROWS, len(rows))):
                nearer_row, nearer_column = _compare(rows[row], group, row_bits[1, row], seconds, bits)
                if nearer_row:
                    for place in range(len(group)):
                        _offer(of_row, row_bits, row, first + place, bits[place])
                if nearer_column:
                    for place in range(len(group)):
                        _offer(of_column, column_bits, first + place, row, bits[place])
    return (of_row, row_bits), (of_column, column_bits)


@compiled
def _nobody(rows: int) -> Two:
    return np.full((2, rows), -1, np.int64), np.full((2, rows), FARTHEST, np.uint8)


@compiled
def _compare(own: Any, group: UInt64s, second: Any, seconds: UInt8s, bits: UInt8s) -> tuple[bool, bool]:
    """Fill in how many bits differ; whether anything comes nearer to the row, and to any of the columns."""
    for place in range(len(group)):
        bits[place] = _count_bits(own ^ group[place])
    nearer_row, nearer_column = np.uint8(0), np.uint8(0)
    # No leaving early: so the processor does many at once.
    for place in range(len(group)):
        nearer_row |= np.uint8(bits[place] < second)
        nearer_column |= np.uint8(bits[place] < seconds[place])
    return bool(nearer_row), bool(nearer_column)


@compiled
def _count_bits(number: Any) -> Any:
    """How many bits are set: by twos, by fours, by eights; a compiler knows it by that."""
    number -= (number >> np.uint64(1)) & np.uint64(0x5555555555555555)
    twos = np.uint64(0x3333333333333333)
    number = (number & twos) + ((number >> np.uint64(2)) & twos)
    number = (number + (number >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (number * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def _offer(two: Int64s, bits: UInt8s, row: int, candidate: int, candidate_bits: Any) -> None:
    """Candidates come in the order of their rows, so that the one that came first wins a tie."""
    if candidate_bits < bits[0, row]:
        two[1, row], bits[1, row] = two[0, row], bits[0, row]
        two[0, row], bits[0, row] = candidate, candidate_bits
    elif candidate_bits < bits[1, row]:
        two[1, row], bits[1, row] = candidate, candidate_bits
