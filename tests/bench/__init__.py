"""Measurements of the running platform, never part of the tests. `python -m tests.bench`"""
