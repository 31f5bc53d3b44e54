"""Numbers that graphs are compiled with and that are set afterwards: what is found of such a graph holds for all of them."""

from dataclasses import replace

from symbolic_pymc.meta import metatize


class Dials:
    """Inputs that every function has which its `adapter` compiles, besides those that it is asked for.

    Nothing is known of them where a graph is read. What must be positive enters a graph as the exponential of one.

    Parameters
    ----------
    adapter : Adapter
    inputs : sequence of variables
    """

    def __init__(self, adapter, inputs):
        self.inputs, self.values, self.functions = list(inputs), (), {}
        self.adapter = replace(adapter, compile=self._compile, evaluate=self._evaluate)
        self.compile = adapter.compile

    def turn(self, *values):
        """Set the inputs: the functions are those of these values from now on."""
        self.values = values

    def _compile(self, inputs, outputs):
        function = self.compile([*inputs, *self.inputs], list(outputs))
        return lambda *arrays: function(*arrays, *self.values)

    def _evaluate(self, variable):
        """Return the value of a variable, by a function that is compiled once."""
        record = metatize(variable)
        if record not in self.functions:
            self.functions[record] = self._compile([], [variable])
        return self.functions[record]()[0]
