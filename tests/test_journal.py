"""Steps are kept with what they led to, and print as text and as LaTeX."""

import gc

import pytest

import symbolic_pymc as sp
from symbolic_pymc.errors import NoStepsError
from symbolic_pymc.journal import Step, Steps, keep, steps


class Result:
    """Something that a rewrite may return."""


TAKEN = Step("mean_reversal", ("mu", "y"), "A Book, p. 5")
LEFT = Step("mean_reversal", ("nu",), reason="no closed form")


def test_a_step_is_taken_unless_there_is_a_reason_against():
    assert TAKEN.taken and not LEFT.taken
    assert str(TAKEN) == "mean_reversal: mu, y [A Book, p. 5]"
    assert str(Step("mean_reversal", ("mu",))) == "mean_reversal: mu"
    assert str(LEFT) == "left as it is: nu (no closed form)"


def test_steps_print_one_to_a_line():
    assert str(Steps([TAKEN, LEFT])).splitlines() == [str(TAKEN), str(LEFT)]
    assert str(Steps()) == "nothing to do"
    assert list(Steps([TAKEN, LEFT])) == [TAKEN, LEFT]


def test_steps_in_a_notebook():
    class Printer:
        def text(self, text):
            self.written = text

    printer = Printer()
    Steps([TAKEN])._repr_pretty_(printer, cycle=False)
    assert printer.written == str(TAKEN)


def test_latex_escapes_what_is_not_plain_text():
    odd = Step("a_b", ("x^2", "50%", "{y}", "a & b", r"back\slash", "#1 $"))
    text = Steps([odd])._repr_latex_()
    for escaped in (r"a\_b", r"x\^{}2", r"50\%", r"\{y\}", r"a \& b", r"back\textbackslash{}slash", r"\#1 \$"):
        assert escaped in text
    assert text.startswith("$$") and text.endswith("$$")
    assert Steps()._repr_latex_().count("nothing to do") == 1
    assert text.count(r"\\") == 0 and Steps([TAKEN, LEFT])._repr_latex_().count(r"\\") == 1


def test_steps_are_kept_with_the_result_and_no_longer():
    result = Result()
    assert keep(result, [TAKEN]) is result
    assert steps(result) == (TAKEN,) and isinstance(steps(result), Steps)
    keep(result, [LEFT])
    assert steps(result) == (LEFT,)
    del result
    gc.collect()
    fresh = Result()
    with pytest.raises(KeyError):
        steps(fresh)


@pytest.mark.parametrize("thing", [Result(), None, 1, "model", [1, 2], {}, Result])
def test_what_came_from_no_rewrite_has_no_steps(thing):
    with pytest.raises(NoStepsError, match="returned by no rewrite") as caught:
        sp.steps(thing)
    assert isinstance(caught.value, KeyError) and str(caught.value)[0] != "'"
