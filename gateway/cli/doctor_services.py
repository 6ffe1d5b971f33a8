"""What the doctor asks of PostgreSQL and Redis."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gateway.cli.findings import Finding

if TYPE_CHECKING:
    from core import Store

OLDEST = 13
"""PostgreSQL's oldest release that was tried."""

APART = timedelta(seconds=5)


def check_postgresql(store: "Store", workers: int) -> Finding:
    """Whether the server is new enough, writes, and has connections enough."""
    from core.postgresql import pool_size
    from core.sql import POOL_SIZE

    asked = answers(
        store,
        "SELECT current_setting('server_version_num')::int / 10000,"
        " current_setting('server_version'), pg_is_in_recovery(),"
        " current_setting('default_transaction_read_only') = 'on',"
        " current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int,"
        " current_setting('statement_timeout'), current_setting('lock_timeout'),"
        " (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user)",
    )
    major, version, standby, reads_only, most, statement, lock, own = asked
    most = min(most, own) if own >= 0 else most
    # One for readiness, and one for commands like this.
    needed = workers * (pool_size(store.database.url) or POOL_SIZE) + 2
    check = "PostgreSQL"
    if major < OLDEST:
        return Finding(check, False, f"version {version}", f"upgrade it to {OLDEST}")
    if standby or reads_only:
        detail = "it is a standby" if standby else "its transactions are read-only"
        return Finding(check, False, detail, "let the URL name the server that writes")
    if most < needed:
        advice = "raise max_connections, or lower pool_size in the URL or --workers"
        detail = f"{needed} connections are needed, {most} are there"
        return Finding(check, False, detail, advice)
    if statement == "0" or lock == "0":
        advice = "take `options` out of the URL, or set both timeouts there"
        return Finding(check, False, "a statement may wait for ever", advice)
    detail = (
        f"version {version}, {most} connections for {needed}, statements end after"
        f" {statement}, waits for locks after {lock}"
    )
    return Finding(check, True, detail)


def check_its_clock(store: "Store") -> Finding:
    """Whether the database's clock and this machine's agree."""
    [there] = answers(store, "SELECT clock_timestamp()")
    apart = abs(there - datetime.now(UTC))
    detail = f"{apart.total_seconds():.1f} seconds apart from this machine's"
    if apart <= APART:
        return Finding("PostgreSQL's clock", True, detail)
    return Finding("PostgreSQL's clock", False, detail, "let both clocks follow NTP")


def answers(store: "Store", sql: str) -> Any:
    """The row that a query gives, on a connection like those that serve."""
    with store.database.engine.connect() as connection:
        return connection.exec_driver_sql(sql).one()


def check_redis(url: str) -> Finding:
    """Whether Redis answers, and runs scripts."""
    import redis

    try:
        with redis.Redis.from_url(
            url, socket_timeout=2, socket_connect_timeout=2
        ) as it:
            it.eval("return 1", 0)
    except (redis.RedisError, ValueError) as error:
        advice = "start it, or correct ADDRESS_GATEWAY_REDIS_URL; till then requests"
        advice += " are not limited"
        return Finding("Redis", False, type(error).__name__, advice)
    return Finding("Redis", True, "answers")
