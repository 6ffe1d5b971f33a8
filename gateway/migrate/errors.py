"""What ends a migration."""


class MigrationError(Exception):
    """The migration cannot go on; the text says why, and what to do."""


class InUseError(MigrationError):
    """Another command works with the ledger."""
