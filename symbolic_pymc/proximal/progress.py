"""What is seen and kept of an algorithm while it runs."""

import sys
import time

SHOWN_EVERY = 0.1  # seconds
KEPT = 64


class Watch:
    """Called after every iteration: keeps some of the points, and writes a line to a terminal.

    Parameters
    ----------
    shown : bool
        Whether to write; never to what is no terminal.
    """

    def __init__(self, shown):
        self.shown, self.last = shown and sys.stderr.isatty(), 0.0
        self.points, self.every = [], 1

    def __call__(self, iteration, objective, x):
        if iteration % self.every == 0:
            self.points.append((iteration, x.copy()))
        if len(self.points) > KEPT:
            self.points, self.every = self.points[1::2], 2 * self.every
        if self.shown and time.monotonic() - self.last > SHOWN_EVERY:
            self.last = time.monotonic()
            print(f"\riteration {iteration}, objective {objective:.10g}", end="", file=sys.stderr, flush=True)

    def close(self):
        """End the line."""
        if self.shown and self.last:
            print(file=sys.stderr)
