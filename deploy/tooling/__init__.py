"""The parts of `deploy/dev`: one module per subject, Python's standard library only."""
