"""Theano graphs and PyMC3 models: their records, conversions, words and notation."""
