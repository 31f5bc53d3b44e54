"""What a random model is written in: the graph of a backend, or its PyMC."""

from contextlib import contextmanager
from importlib import import_module

import numpy as np

from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.relations import laws


class Language:
    """What both languages have in common (abstract)."""

    def inverse(self, matrix):
        return self._function("inverse")(matrix)

    def cholesky(self, matrix):
        return self._function("cholesky")(matrix)

    def _function(self, name):
        module, function = _FUNCTIONS[self.backend.name, name]
        return getattr(import_module(module), function)


_FUNCTIONS = {
    ("theano", "inverse"): ("theano.tensor.nlinalg", "matrix_inverse"),
    ("theano", "cholesky"): ("theano.tensor.slinalg", "cholesky"),
    ("pytensor", "inverse"): ("pytensor.tensor.linalg", "inv"),
    ("pytensor", "cholesky"): ("pytensor.tensor.linalg", "cholesky"),
}


class Graphs(Language):
    """Writes model graphs of a backend, without PyMC."""

    def __init__(self, backend):
        # Theano has to be told which axes are of length one; model graphs know it from the model
        self.stretches = backend.name != "theano"
        self.backend, self.t = backend, backend.tensor
        self.adapter = adapter_of(backend.FunctionGraph(None, [backend.tensor.constant(np.float64(0.0))]))
        self.roles = import_module(f"symbolic_pymc.{backend.name}.markers")
        self.outputs, self.draws = [], []

    @contextmanager
    def model(self):
        with self.adapter.build_context():
            yield self

    def finished(self):
        """Return the graph of what was written: data, potentials, deterministics, and draws that feed none of them."""
        below = set(self.backend.draws(*self.outputs))
        loose = [v for v in self.draws if v.owner not in below]
        return self.backend.FunctionGraph(None, [*self.outputs, *loose])

    def draw(self, family, name, shape, given, observed=None):
        """Return a variable of some shape; the axes of one draw are among the last of it."""
        if family == "chisquared" and family not in self.adapter.ops.rows:
            family, given = "gamma", {"alpha": given["nu"] / np.float64(2.0), "beta": np.float64(0.5)}
        row = self.adapter.ops.rows[family]
        params = [
            np.asarray(p) if np.isscalar(p) else p for p in (laws.write(self, family, p, given) for p in row.params)
        ]
        ndim = np.ndim(observed) if observed is not None else len(shape)
        # rows of vectors have means of their own, which tell how many there are
        size = shape[: ndim - row.op.ndim_supp] or None if "mu" not in given or row.op.ndim_supp == 0 else None
        rv = self._drawn(row.op, params, size, name)
        if observed is None:
            self.draws.append(rv)
            return rv
        return self._marked("observed", name, observed, rv)

    def _drawn(self, op, params, size, name):
        module = import_module(f"symbolic_pymc.{self.backend.name}.random_variables")
        if hasattr(module, "make_rv"):
            return module.make_rv(op, params, size=size, name=name)
        return op(*params, size=size, name=name)

    def _marked(self, role, name, *arguments):
        marked = getattr(self.roles, role)(*arguments)
        marked.name = name
        self.outputs.append(marked)
        return marked

    def deterministic(self, name, x):
        return self._marked("deterministic", name, x)

    def potential(self, name, x):
        return self._marked("potential", name, x)

    def data(self, name, value):
        return self.backend.shared(value)

    # the words in which parameters are written by `laws.write`

    constant = staticmethod(np.float64)

    def reciprocal(self, x):
        return np.float64(1.0) / x

    def mul(self, x, y):
        return x * y

    def true_div(self, x, y):
        return x / y

    def sub(self, x, y):
        return x - y

    def add(self, x, y):
        return x + y


CLASSES = {
    "normal": "Normal", "cauchy": "Cauchy", "laplace": "Laplace", "logistic": "Logistic", "gumbel": "Gumbel",
    "studentt": "StudentT", "skewnormal": "SkewNormal", "uniform": "Uniform", "truncatednormal": "TruncatedNormal",
    "exponential": "Exponential", "halfnormal": "HalfNormal", "halfcauchy": "HalfCauchy", "gamma": "Gamma",
    "chisquared": "ChiSquared", "inversegamma": "InverseGamma", "weibull": "Weibull", "pareto": "Pareto",
    "wald": "Wald", "beta": "Beta", "kumaraswamy": "Kumaraswamy", "flat": "Flat", "halfflat": "HalfFlat",
    "bernoulli": "Bernoulli", "binomial": "Binomial", "betabinomial": "BetaBinomial", "poisson": "Poisson",
    "geometric": "Geometric", "negativebinomial": "NegativeBinomial", "discreteuniform": "DiscreteUniform",
    "categorical": "Categorical", "mvnormal": "MvNormal", "dirichlet": "Dirichlet", "multinomial": "Multinomial",
    "moyal": "Moyal", "exgaussian": "ExGaussian", "asymmetriclaplace": "AsymmetricLaplace", "vonmises": "VonMises",
    "mvstudentt": "MvStudentT", "triangular": "Triangular", "rice": "Rice", "halfstudentt": "HalfStudentT",
    "wishart": "Wishart", "matrixnormal": "MatrixNormal",
}  # fmt: skip


class Models(Language):
    """Writes PyMC models of a backend."""

    stretches = True

    def __init__(self, backend):
        self.backend, self.t, self.pm = backend, backend.tensor, backend.pm

    @contextmanager
    def model(self):
        with self.pm.Model() as self.written:
            yield self

    def finished(self):
        return self.written

    def draw(self, family, name, shape, given, observed=None):
        wanted = {} if observed is None else {"observed": observed}
        if observed is None or family == "matrixnormal":
            wanted["shape"] = shape
        return self._class(family)(name, **given, **wanted)

    def _class(self, family):
        if family == "lognormal":
            return getattr(self.pm, "LogNormal", None) or self.pm.Lognormal
        if family == "inversewishart":
            return import_module(f"symbolic_pymc.{self.backend.name}.wishart").InverseWishart
        if family == "gaussianchain":
            return self._walk
        return getattr(self.pm, CLASSES[family])

    def _walk(self, name, offset, gain, scale, **options):
        first = self.pm.Normal.dist(offset[0], sigma=scale[0])
        init = {"init" if self.backend.name == "theano" else "init_dist": first}
        return self.pm.GaussianRandomWalk(name, mu=offset[1], sigma=scale[1], **init, **options)

    def deterministic(self, name, x):
        return self.pm.Deterministic(name, x)

    def potential(self, name, x):
        return self.pm.Potential(name, x)

    def data(self, name, value):
        return self.pm.Data(name, value)
