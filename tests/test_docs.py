"""What the documents say of the program is what it says itself."""

import re
from pathlib import Path

from click.testing import CliRunner

from gateway.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def test_the_readmes_table_is_what_the_program_prints() -> None:
    printed = CliRunner().invoke(main, ["dialects", "--markdown"])

    found = re.search(r"<!-- losses -->\n(.*)<!-- /losses -->", README, re.DOTALL)

    assert found
    assert found[1] == printed.output


def test_every_command_of_the_readme_exists() -> None:
    commands = set(re.findall(r"^address-gateway (\w+)", README, re.MULTILINE))

    answers = {name: CliRunner().invoke(main, [name, "--help"]) for name in commands}

    assert {
        name: answer.exit_code for name, answer in answers.items()
    } == dict.fromkeys(commands, 0)
    assert len(commands) >= 4
