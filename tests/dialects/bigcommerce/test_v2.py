"""BigCommerce V2's addresses pass the suite, as if they were a dialect of their own."""

from dataclasses import replace
from pathlib import Path

from dialects.bigcommerce import DIALECT, v2, v2_schemas
from gateway.testing import DialectConformance
from tests.dialects.bigcommerce.driver import V2Driver

V2 = replace(
    DIALECT,
    root=v2.ROOT,
    blueprint=v2.blueprint,
    others={DIALECT.root: DIALECT.blueprint},
    decode=v2_schemas.decode,
    encode=v2_schemas.encode,
    batch_limit=1,
    decode_customer=None,
    encode_customer=None,
    customer_operations=frozenset(),
    customer_losses={},
)


class TestV2(DialectConformance):
    dialect = V2
    driver = V2Driver()
    exchanges = Path(__file__).parent / "exchanges" / "v2"
