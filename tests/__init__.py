"""The tests mirror the package; a package of their own, because other distributions install a `tests`, too."""
