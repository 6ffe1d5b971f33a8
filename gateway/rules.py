"""Rules of the URL map that are quick to make."""

from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug.routing import Rule


class QuickRule(Rule):
    """A rule that learns how to build its URL when one is wanted.

    Werkzeug writes and compiles two functions for each rule at once, which takes longer
    than all else that makes the app; few URLs are ever built.
    """

    def _compile_builder(
        self, append_unknown: bool = True
    ) -> Callable[..., tuple[str, str]]:
        make = cache(super()._compile_builder)

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return make(append_unknown)(rule, **values)

        return build
