"""MAP estimation by proximal methods, derived from the log density of a model."""
