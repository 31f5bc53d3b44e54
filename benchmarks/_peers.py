"""Solvers of sparse regressions beside this library: ``solve(case, tol)`` returns coefficients."""

from importlib.util import find_spec

import numpy as np


def scikit_learn(case, tol):
    from sklearn import linear_model

    if case.kind == "squares":
        model = linear_model.Lasso(alpha=case.weight / len(case.y), fit_intercept=False, tol=tol, max_iter=1_000_000)
    elif case.kind == "check":
        options = dict(primal_feasibility_tolerance=tol, dual_feasibility_tolerance=tol)
        model = linear_model.QuantileRegressor(
            quantile=case.quantile, alpha=case.weight / len(case.y), fit_intercept=False, solver_options=options
        )
    else:
        model = linear_model.LogisticRegression(
            penalty="l1", C=1 / case.weight, solver="liblinear", fit_intercept=False, tol=tol, max_iter=10_000
        )
    return np.ravel(model.fit(case.x, case.y).coef_)


def celer(case, tol):
    import celer as package

    if case.size > 1:
        alpha = case.weight / len(case.y)
        model = package.GroupLasso(groups=case.size, alpha=alpha, fit_intercept=False, tol=tol, max_epochs=100_000)
    elif case.kind == "squares":
        model = package.Lasso(alpha=case.weight / len(case.y), fit_intercept=False, tol=tol)
    else:
        model = package.LogisticRegression(C=1 / case.weight, fit_intercept=False, tol=tol)
    return np.ravel(model.fit(case.x, case.y).coef_)


def skglm(case, tol):
    from skglm import datafits, penalties, solvers

    if case.size > 1:
        return _skglm_groups(case, tol)
    total = case.weight + case.ridge
    penalty = (
        penalties.L1_plus_L2(total / len(case.y), case.weight / total)
        if case.ridge
        else penalties.L1(case.weight / len(case.y))
    )
    loss = {"squares": datafits.Quadratic, "logistic": datafits.Logistic, "counts": datafits.Poisson}[case.kind]()
    solver = solvers.AndersonCD if case.kind == "squares" else solvers.ProxNewton
    target = 2.0 * case.y - 1.0 if case.kind == "logistic" else case.y.astype(float)
    return solver(tol=tol, fit_intercept=False, max_iter=200).solve(np.asfortranarray(case.x), target, loss, penalty)[0]


def _skglm_groups(case, tol):
    from skglm import datafits, penalties, solvers

    size = case.x.shape[1]
    groups = np.arange(0, size + 1, case.size, dtype="int32"), np.arange(size, dtype="int32")
    penalty = penalties.WeightedGroupL2(case.weight / len(case.y), np.ones(size // case.size), *groups)
    solver = solvers.GroupBCD(tol=tol, fit_intercept=False)
    return solver.solve(np.asfortranarray(case.x), case.y, datafits.QuadraticGroup(*groups), penalty)[0]


TOLERANCES = {
    "CLARABEL": lambda tol: dict(tol_gap_abs=tol, tol_gap_rel=tol, tol_feas=tol),
    "OSQP": lambda tol: dict(eps_abs=tol, eps_rel=tol, max_iter=200_000, polish=True),
    "SCS": lambda tol: dict(eps_abs=tol, eps_rel=tol, max_iters=200_000),
}


def cvxpy(name):
    """Return a solver of cvxpy; its model is built anew with every call."""

    def solve(case, tol):
        import cvxpy as cp

        b = cp.Variable(case.x.shape[1])
        a = case.x @ b
        loss = {
            "squares": lambda: 0.5 * cp.sum_squares(case.y - a),
            "logistic": lambda: cp.sum(cp.logistic(a)) - case.y @ a,
            "counts": lambda: cp.sum(cp.exp(a)) - case.y @ a,
            "check": lambda: cp.sum(cp.maximum(case.quantile * (case.y - a), (case.quantile - 1.0) * (case.y - a))),
        }[case.kind]()
        groups = cp.reshape(b, (b.size // case.size, case.size), order="C") if case.size > 1 else None
        sizes = cp.norm1(b) if groups is None else cp.sum(cp.norm(groups, 2, axis=1))
        penalty = case.weight * sizes + (0.5 * case.ridge * cp.sum_squares(b) if case.ridge else 0.0)
        cp.Problem(cp.Minimize(loss + penalty)).solve(solver=name, **TOLERANCES[name](tol))
        return b.value

    return solve


# package, the kinds of cases it solves, the solver, and the tolerances that are tried in turn
SPECIALISED = {
    "scikit-learn": ("sklearn", ("squares", "logistic", "check"), scikit_learn, (1e-6, 1e-8, 1e-10)),
    "celer": ("celer", ("squares", "groups", "logistic"), celer, (1e-6, 1e-9, 1e-11, 1e-13)),
    "skglm": ("skglm", ("squares", "groups", "logistic", "counts"), skglm, (1e-6, 1e-8, 1e-10)),
}
ALL = ("squares", "groups", "logistic", "counts", "check")
GENERAL = {
    "cvxpy, CLARABEL": ("cvxpy", ALL, cvxpy("CLARABEL"), (1e-8, 1e-10)),
    "cvxpy, OSQP": ("cvxpy", ("squares",), cvxpy("OSQP"), (1e-5, 1e-7)),
    "cvxpy, SCS": ("cvxpy", ALL, cvxpy("SCS"), (1e-6, 1e-8)),
}


def solves(row, case):
    """Tell whether a peer has a solver of a case."""
    return ("groups" if case.size > 1 else case.kind) in row[1]


def installed(peers):
    """Return those whose package is there."""
    return {name: row for name, row in peers.items() if find_spec(row[0])}
