"""The suite's world, on the databases that `store` stands for."""

from gateway.testing.fixtures import world

__all__ = ["world"]
