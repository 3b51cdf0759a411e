"""Arrow columns from lists, built from buffers.

``pyarrow.array`` loads pandas where pandas is installed, to see whether the list is one of its series; that costs
a small study more than everything else that it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def text_column(values: Sequence[str | None]) -> pa.Array:
    """A text column; None becomes empty text, which the trimming view reads as NULL."""
    import numpy as np
    import pyarrow as pa

    cells = [(value or "").encode("utf-8", "replace") for value in values]
    offsets = np.zeros(len(cells) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, cells), np.int64, len(cells)), out=offsets[1:])
    return pa.LargeStringArray.from_buffers(len(cells), pa.py_buffer(offsets), pa.py_buffer(b"".join(cells)))


def whole_column(values: Sequence[int]) -> pa.Array:
    """A column of 64-bit whole numbers."""
    import numpy as np
    import pyarrow as pa

    data = np.fromiter(values, np.int64, len(values))
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(data)])
