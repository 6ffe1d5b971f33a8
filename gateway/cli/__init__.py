"""The command line: `address-gateway`. What is slow to import, commands import."""

import click

from gateway.cli.common import Commands, example


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=example("address-gateway serve --demo"),
    later={
        "serve": "gateway.cli.serve:serve",
        "init": "gateway.cli.setup:init",
        "demo": "gateway.cli.setup:demo",
        "db": "gateway.cli.setup:db",
        "shop": "gateway.cli.shops:shop",
        "key": "gateway.cli.keys:key",
        "customer": "gateway.cli.customers:customer",
        "places": "gateway.cli.places:places",
        "import": "gateway.cli.bulk:import_",
        "export": "gateway.cli.bulk:export",
        "dialects": "gateway.cli.dialects:dialects",
        "doctor": "gateway.cli.doctor:doctor",
        "replay": "gateway.cli.replay:replay",
        "verify": "gateway.cli.verify:verify",
        "evidence": "gateway.cli.evidence:evidence",
        "intercept": "gateway.cli.intercept:intercept",
        "migrate": "gateway.cli.migrate:migrate",
    },
)
def main() -> None:
    """One store of customer addresses, behind several documented commerce APIs.

    Commands exit with 0 if all is well, 1 if they failed, and 2 if they were called
    wrongly or found a difference.
    """
