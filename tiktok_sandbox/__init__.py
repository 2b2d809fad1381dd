"""A server that imitates TikTok's wire for local work and tests. It knows nothing of the programs that call it."""

__version__ = "1.0.0"
