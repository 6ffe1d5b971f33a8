"""The command line: `address-gateway`. What is slow to import, commands import."""

import click

from gateway.cli.backup import backup, restore
from gateway.cli.bulk import export, import_
from gateway.cli.common import Commands, example
from gateway.cli.customers import customer
from gateway.cli.dialects import dialects
from gateway.cli.doctor import doctor
from gateway.cli.evidence import evidence
from gateway.cli.intercept import intercept
from gateway.cli.keys import key
from gateway.cli.migrate import migrate
from gateway.cli.places import places
from gateway.cli.replay import replay
from gateway.cli.rotation import rotate_secret_key
from gateway.cli.serve import serve
from gateway.cli.setup import db, demo, init
from gateway.cli.shops import shop
from gateway.cli.verify import verify


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=example("address-gateway serve --demo"),
)
def main() -> None:
    """One store of customer addresses, behind several documented commerce APIs.

    Commands exit with 0 if all is well, 1 if they failed, and 2 if they were called
    wrongly or found a difference.
    """


key.add_command(rotate_secret_key)
db.add_command(backup)
db.add_command(restore)
for command in (
    serve,
    init,
    demo,
    db,
    shop,
    key,
    customer,
    places,
    import_,
    export,
    dialects,
    doctor,
    replay,
    verify,
    evidence,
    intercept,
    migrate,
):
    main.add_command(command)
