"""What the commands share: options, and how they speak."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn, TypeVar

import click

from gateway.cli.failures import described

T = TypeVar("T")

DEFAULT_URL = "sqlite:///var/gateway.db"


class Misuse(click.ClickException):
    """The command line is wrong."""

    exit_code = 2


class Group(click.Group):
    """Commands of which some are told as "module:name", to import the one that runs.

    As in Click's documentation, "Lazily Loading Subcommands".
    """

    def __init__(
        self, *args: Any, later: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._later = later or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all, sorted."""
        return sorted({*self.commands, *self._later})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with the name, if there is one."""
        if cmd_name in self._later and cmd_name not in self.commands:
            module, _, name = self._later[cmd_name].partition(":")
            self.add_command(getattr(import_module(module), name), cmd_name)
        return super().get_command(ctx, cmd_name)


class Commands(Group):
    """Commands that end with one line that says what is wrong, and no traceback."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the options before the command's name."""
        return one_line(lambda: super(Commands, self).make_context(*args, **options))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        return one_line(lambda: super(Commands, self).invoke(ctx))


def one_line(work: Callable[[], T]) -> T:
    """What the work gives; whatever goes wrong becomes one line, for click to show."""
    try:
        return work()
    except NOT_FAILURES:
        raise
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "address-gateway"
        reason = error.format_message().rstrip(".").replace("\n", " ")
        raise Misuse(f"{reason}; see `{path} --help`") from error
    except click.ClickException:
        raise
    except Exception as error:
        raise click.ClickException(described(error)) from error


NOT_FAILURES = (
    click.exceptions.Exit,
    click.exceptions.NoArgsIsHelpError,
    click.Abort,
    BrokenPipeError,
)


def example(*lines: str) -> str:
    """The end of a help text: lines to try."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


database_option = click.option(
    "--database",
    metavar="URL",
    envvar="ADDRESS_GATEWAY_DATABASE_URL",
    default=DEFAULT_URL,
    show_default=True,
    show_envvar=True,
    help="The database: sqlite:///FILE or postgresql://...",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for programs."
)
shop_option = click.option(
    "--shop", "hash", metavar="HASH", required=True, help="The shop's public name."
)


def fail(message: str) -> NoReturn:
    """End the command with 1 and one line on stderr."""
    raise click.ClickException(message)


def show_json(value: Any) -> None:
    """Print a value for programs."""
    click.echo(json.dumps(value, indent=2, default=str))


def show(
    rows: Sequence[Mapping[str, Any]], columns: Iterable[str], as_json: bool
) -> None:
    """Print rows, as JSON or as a table with these columns."""
    if as_json:
        show_json(rows)
    else:
        click.echo(table(rows, tuple(columns)))


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows as lines of aligned text, below the columns' names."""
    lines = [columns, *(tuple(cell(row[name]) for name in columns) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(columns))]
    padded = ([text.ljust(w) for text, w in zip(t, widths, strict=True)] for t in lines)
    return "\n".join("  ".join(line).rstrip() for line in padded)


def cell(value: Any) -> str:
    """A value as a table shows it."""
    if value in (None, "", []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
