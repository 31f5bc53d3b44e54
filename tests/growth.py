"""How a cost grows."""

import gc
import time

import numpy as np


def grows_linearly(prepare, sizes):
    """Tell whether the time of ``prepare(n)()`` grows like n.

    The exponent must fall below 1.4 in one of five attempts: other load on the machine only adds to it, and a
    quadratic cost shows up as 1.7 or more at the sizes used here.
    """

    def seconds(n):
        run = prepare(n)
        start = time.process_time()
        run()
        return time.process_time() - start

    def exponent():
        return np.polyfit(np.log(sizes), np.log([seconds(n) for n in sizes]), 1)[0]

    gc.collect()
    return any(exponent() < 1.4 for _ in range(5))
