"""Make a plain `import theano` work with NumPy 1.22 and later, and beside PyTensor.

While it is imported, Theano reads `numpy.distutils.__config__.blas_opt_info`, which NumPy's wheels no
longer define. `symbolic_pymc_theano.pth`, installed beside this module, calls `wait_for_theano` at every
start of the interpreter; the first `import theano`, whoever makes it, then finds the attribute, and Theano
goes on to probe for a BLAS library by itself.

Theano and PyTensor each compile extension modules of the same names, `lazylinker_ext` and `cutils_ext`, and
whichever comes second in a process would take the first one's for its own.  A second watcher takes the name
back before either loads its module.

Theano's C loop for `Scan` does not compile against the headers of Python 3.11; named as missing, it leaves
Theano the same loop in Python.

The trade-off: each interpreter of an environment in which symbolic_pymc is installed pays for one small
module and one more entry of `sys.meta_path` (under a millisecond together), whether it uses Theano or not.
In return no environment variable and no file in the user's home is needed, and a script may import Theano
before symbolic_pymc or without it. The module is installed outside the package because importing a
submodule runs the package's `__init__` first; `setup.py` places both files for ordinary and editable
installs alike, so that an editable install has copies and shows a change here only when it is repeated.
"""

import sys


class TheanoWatcher:
    """A finder of modules that leaves `sys.meta_path` as soon as Theano is looked for."""

    def find_spec(self, name, path=None, target=None):
        """Give way to the ordinary finders, having repaired NumPy first when the name is Theano's."""
        if name != "theano":
            return None
        # The loop that called us goes on over a list that has changed: the search is made again here.
        from importlib.util import find_spec

        sys.meta_path[sys.meta_path.index(self)] = _extensions
        spec = find_spec(name)
        if spec is not None:
            define_blas_opt_info()
            if sys.version_info >= (3, 11):
                sys.modules["theano.scan.scan_perform_ext"] = None
        return spec


class ExtensionWatcher:
    """A finder that takes the name of a compiled extension from the backend that loaded it before."""

    names = {
        f"{backend}.link.c.{module}": extension
        for backend in ("theano", "pytensor")
        for module, extension in (("lazylinker_c", "lazylinker_ext"), ("cutils", "cutils_ext"))
    }

    def find_spec(self, name, path=None, target=None):
        """Give way to the ordinary finders, having forgotten the other backend's extension."""
        extension = self.names.get(name)
        for loaded in (extension, f"{extension}.{extension}") if extension else ():
            sys.modules.pop(loaded, None)


_watcher, _extensions = TheanoWatcher(), ExtensionWatcher()


def wait_for_theano():
    """Watch for the first `import theano`; on Python 3.12, which has no `numpy.distutils`, do nothing."""
    # Once, although Python reads the `.pth` files of a virtual environment twice.
    if sys.version_info < (3, 12) and _watcher not in sys.meta_path and "theano" not in sys.modules:
        sys.meta_path.insert(0, _watcher)


def define_blas_opt_info():
    """Give `numpy.distutils.__config__` an empty `blas_opt_info` where it has none; never raise."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            from numpy.distutils import __config__ as config
        if not hasattr(config, "blas_opt_info"):
            config.blas_opt_info = {}
    except Exception:
        # A NumPy that is missing or broken is Theano's to report, in the import that follows.
        pass
