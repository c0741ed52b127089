"""Benchmarks: the product next to the floor named for each, on the same data, in the same database, in the same run."""
