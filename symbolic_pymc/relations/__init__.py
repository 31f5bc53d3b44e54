"""What is true of statistical models, written once, and bound to each backend."""
