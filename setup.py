"""Build steps that setup.cfg, which holds all metadata, cannot express."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

STARTUP = Path("symbolic_pymc/theano/startup")
STARTUP_FILES = [str(STARTUP / name) for name in ("_symbolic_pymc_theano.py", "symbolic_pymc_theano.pth")]


class BuildWithStartupFiles(build_py):
    """Place the import hook for Theano at the root of site-packages, where Python reads `.pth` files."""

    def run(self):
        super().run()
        # An editable wheel holds no built modules: what it shall contain goes where it is assembled.
        root = self.get_finalized_command("install").install_lib if self.editable_mode else self.build_lib
        for source in STARTUP_FILES:
            self.copy_file(source, str(Path(root) / Path(source).name))

    def get_source_files(self):
        return [*super().get_source_files(), *STARTUP_FILES]


setup(cmdclass={"build_py": BuildWithStartupFiles})
