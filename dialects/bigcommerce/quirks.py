"""Where the documentation and the platform differ, or neither says (C1 to C19).

"Documentation" is the V3 reference, "Customers" and "Customer Addresses", that of V2,
and the general pages on status codes and rate limits; read 2026-11.
"""

from dialects.base import Quirk

REFERENCE = "V3 reference, Customer Addresses"
STATUS = "API status codes"

QUIRKS = {
    "empty_duplicate_body": Quirk(
        source=f'{REFERENCE}: "the address will be absent from the response body"; its'
        " schema shows {}, on which client libraries fail",
        documented=False,
        observed=False,
    ),
    "plain_text_errors": Quirk(
        source="neither the missing token nor the unknown route is documented; probes"
        " of the service got text/plain, which some clients cannot read",
        documented=True,
        observed=True,
    ),
    "refuse_large_limit": Quirk(
        source=f'{STATUS}, 413: "the limit parameter exceeded the maximum"; no'
        " client sends more than 250, and clamping is gentler",
        documented=False,
        observed=False,
    ),
    "refuse_state_codes": Quirk(
        source=f'{REFERENCE}: "State or province codes not accepted"; a report of'
        " codes in responses shows that some were",
        documented=True,
        observed=False,
    ),
    "require_state_and_postal_code": Quirk(
        source=f"{REFERENCE}: both are listed as required, for countries that need"
        " them; the platform's own code leaves the state out at times",
        documented=True,
        observed=False,
    ),
    "echo_form_fields": Quirk(
        source=f"{REFERENCE}: the schema of a write's answer allows form_fields, its"
        " examples leave them out",
        documented=False,
        observed=False,
    ),
    "tell_duplicates": Quirk(
        source="ours: a header with the address that each skipped item equals",
        documented=False,
        observed=False,
    ),
    "null_channel_ids": Quirk(
        source="V3 reference, Customers: an array; recorded answers of 2023 have null"
        " for customers of all channels, and some clients fail on null",
        documented=False,
        observed=True,
    ),
    "v2_create_answers_200": Quirk(
        source="V2 reference, Create a Customer Address: 200;"
        f' {STATUS}: "201 Created: for a successful POST request"',
        documented=False,
        observed=False,
    ),
    "batch_limit": Quirk(
        source="none is documented for addresses; customers have 10, which stays",
        documented=250,
        observed=250,
    ),
    "post_slots": Quirk(
        source=f'{REFERENCE}: "The default rate limit for this endpoint is 10'
        ' concurrent requests"; it was the limit of customers, too',
        documented=10,
        observed=10,
    ),
    "put_slots": Quirk(
        source=f'{REFERENCE}, and Customers: "Limit of 3 concurrent requests"',
        documented=3,
        observed=3,
    ),
    "quota": Quirk(
        source="API rate limits: 150 requests in 30 s on Standard and Plus, 450 on"
        " Pro, by contract on Enterprise; here the last, as a number too large to meet",
        documented=1_000_000,
        observed=1_000_000,
    ),
}
