"""PyTensor graphs and PyMC models: their records, conversions, words and notation."""
