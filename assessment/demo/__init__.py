"""A made-up register in real villages, for demonstrations, tests and benchmarks. No person in it exists.

`fill` writes it; the modules beside it only make rows: the same seed makes the same people, village by village.
"""
from assessment.demo.filling import fill, plan
from assessment.demo.setting import NoDemo, programmes_of

__all__ = ["NoDemo", "fill", "plan", "programmes_of"]
