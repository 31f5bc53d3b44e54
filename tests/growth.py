"""How a cost grows."""

import gc
import time

import numpy as np


def grows_linearly(prepare, sizes):
    """Tell whether the time of ``prepare(n)()`` grows like n.

    The exponent of the least times of up to five attempts must fall below 1.4: other load on the machine only adds to
    a time, and a quadratic cost shows up as 1.7 or more at the sizes used here. The collector of garbage waits, whose
    rounds depend on all that the process holds.
    """

    def seconds(n):
        run = prepare(n)
        start = time.process_time()
        run()
        return time.process_time() - start

    least = np.full(len(sizes), np.inf)
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            least = np.minimum(least, [seconds(n) for n in sizes])
            if np.polyfit(np.log(sizes), np.log(least), 1)[0] < 1.4:
                return True
    finally:
        gc.enable()
    return False
