"""YAML that means what it shows: dates are texts, and so are NO, on, 012 and 1e3.

A country named NO would be false in YAML 1.1, and a postal code of 01234 a number.
"""

import re
from typing import Any

import yaml

PLAIN = {
    "tag:yaml.org,2002:null": (r"(?:null|~|)", ("n", "~", "")),
    "tag:yaml.org,2002:bool": (r"(?:true|false)", ("t", "f")),
    "tag:yaml.org,2002:int": (r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    "tag:yaml.org,2002:float": (r"-?(?:0|[1-9][0-9]*)\.[0-9]+", "-0123456789"),
}
"""What a plain scalar can be besides a text, and how that begins."""

BREAKS = re.compile("[\r\x85\u2028\u2029]")


class Loader(yaml.SafeLoader):
    """Reads one document; nothing stands for something else in it."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A node, which is no alias: a few lines of them could mean millions."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("there are no aliases here")
        return super().compose_node(parent, index)


class Dumper(yaml.SafeDumper):
    """Writes what the loader reads as it was."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        return True


for _tag, (_pattern, _first) in PLAIN.items():
    for _class in (Loader, Dumper):
        _class.add_implicit_resolver(_tag, re.compile(f"^{_pattern}$"), [*_first])


def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    """A text; one with other breaks than "\\n" in quotes, or they would be blanks."""
    quoted = '"' if BREAKS.search(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=quoted)


Dumper.add_representer(str, text)


def dumped(value: Any) -> str:
    """The value in YAML, in the order it has."""
    return yaml.dump(
        value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100
    )
