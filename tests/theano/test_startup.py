"""A plain `import theano` works, and the hook that sees to it keeps out of the way."""

from textwrap import dedent

import pytest

from tests.interpreter import printed, run_python


def test_plain_import_of_theano_works(tmp_path):
    process = run_python("import theano; print(theano.__version__)", folder=tmp_path)
    assert process.returncode == 0, process.stderr
    assert process.stdout.split() == ["1.1.2"]


def test_theano_is_broken_without_the_hook(tmp_path):
    """The reason why the hook exists; the day this fails the hook can go."""
    code = """
        import sys
        sys.meta_path[:] = [finder for finder in sys.meta_path if "TheanoWatcher" not in repr(finder)]
        import theano
        """
    assert "blas_opt_info" in run_python(dedent(code), folder=tmp_path).stderr


def test_hook_leaves_once_it_has_served(tmp_path):
    code = """
        import sys
        def watchers():
            return sum("TheanoWatcher" in repr(finder) for finder in sys.meta_path)
        before = watchers()
        import theano
        print(before, watchers())
        """
    assert run_python(dedent(code), folder=tmp_path).stdout.split() == ["1", "0"]


@pytest.mark.parametrize("numpy_module", ["raise ImportError('none here')", "raise RuntimeError('broken')"])
def test_hook_survives_a_broken_numpy(tmp_path, numpy_module):
    """What the user then sees is the error of the module that Theano itself imports."""
    (tmp_path / "numpy.py").write_text(numpy_module)
    (tmp_path / "theano.py").write_text("print('imported')")
    code = "import sys; sys.path.insert(0, '.'); import theano"
    assert printed(code, folder=tmp_path) == ["imported"]


def test_hook_does_nothing_where_theano_is_absent(tmp_path):
    code = """
        import sys
        sys.path[:] = [p for p in sys.path if "site-packages" not in p]
        try:
            import theano
        except ModuleNotFoundError:
            print("absent", "numpy" in sys.modules)
        """
    assert printed(dedent(code), folder=tmp_path) == ["absent", "False"]


@pytest.mark.slow
@pytest.mark.parametrize("order", ["theano pytensor", "pytensor theano"])
def test_both_backends_compile_in_one_process(tmp_path, order):
    """Their compiled extension modules have the same names."""
    code = f"""
        import theano, pytensor
        for backend in {order.split()}:
            module = {{"theano": theano, "pytensor": pytensor}}[backend]
            x = module.tensor.dscalar()
            print(module.function([x], x + 1.0, mode="FAST_RUN")(1.0))
        """
    process = run_python(dedent(code), folder=tmp_path)
    assert process.stdout.split() == ["2.0", "2.0"], process.stderr


@pytest.mark.slow
def test_a_scan_compiles(tmp_path):
    code = """
        import theano
        import theano.tensor as tt

        x = tt.vector(dtype="float64")
        sums, _ = theano.scan(lambda a, c: c + a, sequences=[x], outputs_info=[tt.zeros((), dtype="float64")])
        print(*theano.function([x], sums)([1.0, 2.0, 3.0]))
        """
    process = run_python(dedent(code), folder=tmp_path)
    assert process.stdout.split() == ["1.0", "3.0", "6.0"], process.stderr
