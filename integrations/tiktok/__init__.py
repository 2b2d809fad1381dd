"""The client for TikTok's interfaces: one module per family, one function per endpoint.

Owns the wire: addresses, parameters, shapes, and what each failure means. Knows no Django, no settings and no database, keeps nothing
between calls, and never retries: the caller decides by the error it gets.
"""
