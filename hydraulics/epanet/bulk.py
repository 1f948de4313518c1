"""
Reading a figure of all nodes or links by one compiled loop over EPANET's own function: 0.01 microseconds a value.

Loading the compiler takes a quarter of a second, so `engine` comes here only once its plain loop has cost as much.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from hydraulics.gga.compiled import njit
from hydraulics.gga.laws import Array


@intrinsic
def _read(typing: Any, function: Any, project: Any, number: Any, what: Any, place: Any) -> Any:  # noqa: ARG001
    """Call the function at an address as EN_getnodevalue(project, number, what, place); its error code."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        pointer, whole = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(whole, [pointer, whole, whole, ir.DoubleType().as_pointer()])
        call, project, number, what, place = arguments
        return builder.call(
            builder.inttoptr(call, kind.as_pointer()),
            [
                builder.inttoptr(project, pointer), builder.trunc(number, whole), builder.trunc(what, whole),
                builder.inttoptr(place, ir.DoubleType().as_pointer()),
            ],
        )  # fmt: skip

    return types.int32(types.int64, types.int64, types.int64, types.int64, types.int64), generate


@njit
def _fill(function: int, project: int, what: int, values: Array) -> int:
    worst = 0
    first = values.ctypes.data
    for place in range(len(values)):
        worst = max(worst, _read(function, project, np.int64(place + 1), what, np.int64(first + 8 * place)))
    return worst


def fill(function: int, project: int, what: int, values: Array) -> int:
    """
    Fill `values` with a figure of the things numbered from 1; the worst code that EPANET answered.

    `function` and `project` are the addresses of EN_getnodevalue or EN_getlinkvalue and of the open project.
    """
    return int(_fill(function, project, what, values))
