"""Measuring within one run: medians, growth exponents, peak memory, and tables of them."""

import gc
import statistics
import sys
import time
import tracemalloc

import numpy as np

REPEATS = 5


def timed(function, *args):
    """Return what a call returns, and its CPU seconds."""
    gc.collect()
    start = time.process_time()
    result = function(*args)
    return result, time.process_time() - start


def peak_memory(function):
    """Return the megabytes that a call needs at most, beyond what was there before."""
    gc.collect()
    tracemalloc.start()
    try:
        result = function()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del result
    return peak / 1e6


def medians(measure, sizes, repeats=REPEATS):
    """Return one row per size: the median of every column that ``measure(size)`` gives.

    All sizes are measured in turn, and that repeatedly, so that every row has seen the same machine.  A ratio is a
    column like any other: it is taken within one call.  The first call of all is not counted: it loads code; what
    is in memory then, the garbage collector does not visit again.
    """
    measure(sizes[0])
    gc.collect()
    gc.freeze()
    found = {size: [] for size in sizes}
    for i in range(repeats):
        for size in sizes:
            print(f"  round {i + 1} of {repeats}, size {size}", end="\r", file=sys.stderr, flush=True)
            found[size].append(measure(size))
    print(file=sys.stderr)
    return {size: _median_row(rows) for size, rows in found.items()}


def _median_row(rows):
    return {column: statistics.median(row[column] for row in rows) for column in rows[0]}


def exponent(rows, column, smallest):
    """Return the slope of log time over log size, for sizes from `smallest`."""
    sizes = [size for size in rows if size >= smallest]
    times = [rows[size][column] for size in sizes]
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def table(label, rows):
    """Return rows as a markdown table; columns that end in "s" after a comma are seconds."""
    columns = list(next(iter(rows.values())))
    lines = [[label, *columns], ["---:"] * (1 + len(columns))]
    lines += [[str(size), *(number(row[c]) for c in columns)] for size, row in rows.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(x):
    """Return a number with three significant digits."""
    return str(x) if isinstance(x, (int, str)) else f"{x:.0f}" if x >= 1000 else f"{x:.3g}"


def verdict(what, value, limit):
    """Return a line that says whether a claim holds."""
    return f"- {what}: {number(value)} ({'within' if value <= limit else 'misses'} {number(limit)})"
