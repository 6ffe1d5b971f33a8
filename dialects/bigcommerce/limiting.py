"""Concurrency limits and the windowed quota (source: V3 reference; API rate limits).

"API calls are metered on a per-store, per-endpoint basis", and what exceeds the
concurrency "will fail with 429": nothing is queued.
"""

from flask import Response
from werkzeug.exceptions import TooManyRequests

from dialects.answers import tell
from dialects.base import current_key, current_limits, current_store, quirk
from dialects.current import these_globals, this_request

WINDOW = 30_000
"""The quota's window, in milliseconds."""

SLOTS = {
    "bigcommerce.create_customers_addresses": "post_slots",
    "bigcommerce.update_customers_addresses": "put_slots",
    "bigcommerce.create_customers": "post_slots",
    "bigcommerce.update_customers": "put_slots",
}
"""The endpoints with a limit, and the setting that it is."""

RETRY_AFTER_SLOT = 1
"""When to try again while all slots are taken, in seconds."""


def count_request() -> None:
    """Count the request of a known caller, whatever becomes of it."""
    key = f"bigcommerce.{current_key().shop.hash}"
    limit = quirk("bigcommerce", "quota")
    now = current_store().now()
    these_globals().quota = current_limits().take(key, limit, WINDOW, now)


def require_quota() -> None:
    """Raises TooManyRequests when the store has used its quota up."""
    quota = these_globals().quota
    if not quota.is_granted:
        raise TooManyRequests(retry_after=-(-quota.reset_ms // 1000))


def take_slot() -> None:
    """Hold a slot of the endpoint's. Raises TooManyRequests when all are held."""
    endpoint = this_request().endpoint
    if endpoint not in SLOTS:
        return
    key = f"bigcommerce.{current_key().shop.hash}.{endpoint}"
    slot = current_limits().acquire(key, quirk("bigcommerce", SLOTS[endpoint]))
    if slot is None:
        raise TooManyRequests(retry_after=RETRY_AFTER_SLOT)
    these_globals().slot = slot


def tell_quota(response: Response) -> Response:
    """Say on every answer how much is left; a client wants all four headers or none."""
    if quota := these_globals().get("quota"):
        told = {
            "Time-Window-Ms": WINDOW,
            "Time-Reset-Ms": quota.reset_ms,
            "Requests-Quota": quirk("bigcommerce", "quota"),
            "Requests-Left": quota.left,
        }
        tell(response, [(f"X-Rate-Limit-{n}", str(v)) for n, v in told.items()])
    return response


def end_turn(_error: BaseException | None) -> None:
    """Let go of the slot, whatever came of the request."""
    slot = these_globals().pop("slot", None)
    if slot is not None:
        slot.release()
