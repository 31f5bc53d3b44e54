"""Write distributions.rst: how each distribution that PyMC3 exports travels through a graph.

Run it as ``python docs/make_distributions.py`` after a change of the tables that it reads.
"""

import inspect
from pathlib import Path

import pymc3 as pm
from pymc3.distributions import multivariate, simulator

from symbolic_pymc.theano.opaque import sampler_of
from symbolic_pymc.theano.pymc3_parameters import NEUTRAL_NAMES
from symbolic_pymc.theano.random_variables import DISTRIBUTIONS, TableRV

PAGE = Path(__file__).parent / "distributions.rst"

HEAD = """\
Distributions of PyMC3
======================

How each name that ``pymc3.distributions`` exports travels through ``model_graph`` and back through
``graph_model``. This page is written by ``docs/make_distributions.py``.

A distribution *with a row* becomes a RandomVariable node over its own parameters, which relations can match.
Every other one travels *whole*: its node has as inputs the variables that the distribution depends upon, so
that rewrites of these reach it; no relation looks inside, and ``graph_model`` gives back the same
distribution over the rewritten variables, with PyMC3's own ``logp``. A distribution with a row travels whole
as well where it does not fit its row: a subclass of the user's, a parameter that has more entries than the
variable, a dtype other than the default, or a transform that depends on other variables.

The node holds the parameters as the user gave them: ``sd=`` is ``sigma=``; ``tau=`` and ``lam=`` become the
``sigma`` that PyMC3 computes from them and come back as they were; a covariance given by ``tau=`` is its
inverse and one given by ``chol=`` is ``dot(L, L.T)``, and both come back as they were; alternative parameters
(``mu`` and ``sigma`` of a Beta, Gamma or InverseGamma, ``n`` and ``p`` of a NegativeBinomial, ``phi`` of a
Wald, ``b`` of a Rice) become the expressions that PyMC3 itself computes.

.. list-table::
   :header-rows: 1
   :widths: 22 40 38

   * - PyMC3
     - in the graph
     - drawn by
"""

FOOT = """
What cannot travel raises ``UnsupportedDistributionError`` with the name of the variable, its distribution and
the way out: missing entries among several arrays that one variable observes at once, and a density whose
graph cannot be built outside of its model. A variable that observes several arrays at once has no single
value; it travels as a Potential and comes back as an observed DensityDist.
"""

FUNCTIONS = {
    "LKJCholeskyCov": (
        "whole; the correlations and deviations that it adds are Deterministics",
        multivariate._LKJCholeskyCov,
    ),
    "Bound": ("whole, for every distribution that is bounded", pm.distributions.bound._Bounded),
}


def row_of(name):
    """Return what stands in the graph for a name, and what draws it; None for no distribution."""
    exported = getattr(pm.distributions, name)
    neutral = NEUTRAL_NAMES.get(exported)
    if neutral is not None:
        op, params = DISTRIBUTIONS[neutral]
        drawn = "symbolic_pymc.theano.samplers" if isinstance(op, TableRV) else "Theano"
        if neutral in ("flat", "halfflat"):
            drawn = "nothing: it is improper"
        return f"``{exported.__name__}RV({', '.join(params)})``", drawn
    if name == "WishartBartlett":
        return "its parts: ChiSquared, Normal, a Deterministic", "its parts"
    if name in FUNCTIONS:
        text, cls = FUNCTIONS[name]
        return text, _drawn(cls)
    if not inspect.isclass(exported) or exported in (
        pm.Continuous,
        pm.Discrete,
        pm.Distribution,
        pm.NoDistribution,
    ):
        return None
    return "whole", _drawn(exported)


def _drawn(cls):
    if sampler_of(cls) is not None:
        return "symbolic_pymc.theano.opaque_samplers"
    if cls is pm.DensityDist:
        return "the ``random`` that the user gave"
    if issubclass(cls, simulator.Simulator):
        return "the user's simulator"
    return "PyMC3" if callable(getattr(cls, "random", None)) else "nothing: PyMC3 has no draws of it"


def page():
    """Return the text of the page."""
    rows = [(name, row_of(name)) for name in sorted(set(pm.distributions.__all__))]
    lines = [f"   * - {name}\n     - {row[0]}\n     - {row[1]}\n" for name, row in rows if row is not None]
    return HEAD + "".join(lines) + FOOT


if __name__ == "__main__":
    PAGE.write_text(page())
