"""What an operator sees of a server: health, readiness, metrics, and a log of requests.

A process of its own answers on a port of its own, so it tells of workers that hang or
are replaced, and nothing of it is reached through the port of the dialects.
"""
