"""Where the documentation and OpenMage differ, or the first says nothing.

"The page" is the documentation page "REST API: Customer Addresses"; "observed" is what
OpenMage 20.18 answered (PHP 8.2). A text may name the refused `{value}`.
"""

from typing import Any

from flask import has_app_context

from dialects.base import Quirk, quirk

NAME = "openmage"
PAGE = "the page"
TABLE = "the page's table of status codes"

EXAMPLE = (
    "entity_id,prefix,firstname,middlename,lastname,suffix,company,city,country_id,"
    "region,postcode,telephone,fax,vat_id,street,is_default_billing,is_default_shipping"
)
RULES = (
    'the page: "the list of attributes ... is configured in the Magento Admin Panel";'
    " its examples have no created_at and updated_at, observed: both, where all"
    ' attributes are allowed. "all", or names joined by commas'
)
WRITES = (
    'the page: "the list of attributes that will be updated ... is configured";'
    ' observed: all. "all", or names joined by commas'
)

OF_CUSTOMERS = (
    "OpenMage 20.18: rules for the attributes of a customer, apart from those of an"
    ' address; the page says nothing of customers, observed: all. "all", or names'
    " joined by commas"
)

QUIRKS = {
    "default_format": Quirk(
        source=f"{PAGE}: Default Format: XML; observed: JSON for */*",
        documented="xml",
        observed="json",
    ),
    "missing_accept": Quirk(
        source=f"{PAGE}: Default Format: XML; observed: 500 without an Accept header",
        documented="xml",
        observed="",
    ),
    "country_required_text": Quirk(
        source=f"{TABLE}; observed: the label in quotes, as for other values",
        documented="Country is required",
        observed='"Country" is a required value.',
    ),
    "country_type_text": Quirk(
        source=f"{TABLE}, of a value that is not a string; observed: of an array",
        documented="Invalid country identifier type",
        observed="Invalid value type for country_id",
    ),
    "country_number_text": Quirk(
        source=f"{TABLE}, of a value that is not a string; observed: of a number",
        documented="Invalid country identifier type",
        observed='Invalid value "{value}" for country_id',
    ),
    "country_length_text": Quirk(
        source=f"{TABLE}; observed: as of any other unknown country",
        documented="Country is not between '2' and '3' inclusively.",
        observed='Invalid value "{value}" for country_id',
    ),
    "country_unknown_text": Quirk(
        source=f"{TABLE}; observed: never",
        documented="Country does not exist",
        observed='Invalid value "{value}" for country_id',
    ),
    "region_required_text": Quirk(
        source=f"{TABLE}; observed: the label in quotes",
        documented="State/Province is required",
        observed='"State/Province" is required.',
    ),
    "region_empty_text": Quirk(
        source=f'{TABLE}: "value is empty or passed as an array"; observed: required',
        documented="Invalid State/Province type",
        observed='"State/Province" is required.',
    ),
    "region_type_text": Quirk(
        source=f"{TABLE}; observed: the label in quotes",
        documented="Invalid State/Province type",
        observed='Invalid "State/Province" type.',
    ),
    "region_invalid_text": Quirk(
        source=f'{TABLE}: "must be the region code (TX) or region name (Texas)", taken'
        " for what has no letter; observed: as of any other unknown region",
        documented="State/Province is invalid",
        observed="State/Province does not exist.",
    ),
    "region_unknown_text": Quirk(
        source=f"{TABLE}; observed: with a full stop",
        documented="State/Province does not exist",
        observed="State/Province does not exist.",
    ),
    "closing_error": Quirk(
        source=f"{TABLE} has one text an error; observed: after what is wrong with a"
        " body comes one more item",
        documented="",
        observed="Resource data pre-validation error.",
    ),
    "newest_first": Quirk(
        source=f"{PAGE}: its example lists 98 before 99; observed: the newest first",
        documented=False,
        observed=True,
    ),
    "text_as_street": Quirk(
        source=f"{PAGE}: street is of type string; observed: a plain string is refused",
        documented=True,
        observed=False,
    ),
    "join_streets": Quirk(
        source=f"{PAGE}: more than two street lines are returned as two; observed: as"
        " many as are stored",
        documented=True,
        observed=False,
    ),
    "plain_text_only": Quirk(
        source="observed: a character beyond U+FFFF is stored as ????, as the database"
        " cannot hold it; the page says nothing of it, and nothing should be lost",
        documented=False,
        observed=True,
    ),
    "crashes": Quirk(
        source="observed: parameters and bodies of a wrong type end the PHP program"
        " with a bare 500; else they are the client's fault",
        documented=False,
        observed=True,
    ),
    "admin_reads": Quirk(source=RULES, documented=EXAMPLE, observed="all"),
    "customer_reads": Quirk(source=RULES, documented=EXAMPLE, observed="all"),
    "admin_writes": Quirk(source=WRITES, documented="all", observed="all"),
    "customer_writes": Quirk(source=WRITES, documented="all", observed="all"),
    "admin_customer_reads": Quirk(
        source=OF_CUSTOMERS, documented="all", observed="all"
    ),
    "customer_customer_reads": Quirk(
        source=OF_CUSTOMERS, documented="all", observed="all"
    ),
    "admin_customer_writes": Quirk(
        source=OF_CUSTOMERS, documented="all", observed="all"
    ),
    "customer_customer_writes": Quirk(
        source=OF_CUSTOMERS, documented="all", observed="all"
    ),
    "sign_in_attempts": Quirk(
        source="neither speaks of it: how often a password may be tried on the pages of"
        " consent, for one name in five minutes, 0 for any number",
        documented=10,
        observed=10,
    ),
}


def chosen(name: str) -> Any:
    """What the operator chose; what is documented where there is no app."""
    return quirk(NAME, name) if has_app_context() else QUIRKS[name].documented
