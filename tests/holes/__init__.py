"""Holes that are planted on purpose, to see whether the tests find them: `make holes`. The list is in listed.py."""
