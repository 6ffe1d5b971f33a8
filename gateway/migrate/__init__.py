"""Moves customers' addresses between platforms and the store, and proves what arrived.

`Migration` moves, `rehearse` tells what that would come to, `Verification` compares
both ends, `Rollback` undoes. What is known of a migration stands in its `Ledger`.
"""

from gateway.migrate.certificate import Certificate, seal, tampered
from gateway.migrate.earlier import pair
from gateway.migrate.ends import End, PlatformEnd, open_platform
from gateway.migrate.engine import Migration
from gateway.migrate.errors import MigrationError
from gateway.migrate.ledger import Ledger
from gateway.migrate.mapping import Mappings, Places, read_mapping
from gateway.migrate.mover import Options
from gateway.migrate.page import page
from gateway.migrate.plan import rehearse
from gateway.migrate.rollback import Rollback
from gateway.migrate.store_end import StoreEnd
from gateway.migrate.verification import Verification

__all__ = [
    "Certificate",
    "End",
    "Ledger",
    "Mappings",
    "Migration",
    "MigrationError",
    "Options",
    "Places",
    "PlatformEnd",
    "Rollback",
    "StoreEnd",
    "Verification",
    "open_platform",
    "page",
    "pair",
    "read_mapping",
    "rehearse",
    "seal",
    "tampered",
]
