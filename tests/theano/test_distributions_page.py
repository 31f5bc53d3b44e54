"""The page of distributions in the docs says what the tables say."""

import importlib.util
from pathlib import Path

import pymc3 as pm

DOCS = Path(__file__).parents[2] / "docs"


def generator():
    spec = importlib.util.spec_from_file_location("make_distributions", DOCS / "make_distributions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current():
    module = generator()
    assert module.PAGE.read_text() == module.page(), "run: python docs/make_distributions.py"


def test_every_exported_distribution_is_on_the_page():
    module = generator()
    for name in pm.distributions.__all__:
        assert module.row_of(name) is None or f"* - {name}\n" in module.page()
    assert module.row_of("Normal")[0] == "``NormalRV(mu, sigma)``"
    assert module.row_of("AR1")[0] == "whole"
    assert module.row_of("TensorType") is None
