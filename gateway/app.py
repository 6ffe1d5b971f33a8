"""The app: the dialects' blueprints on one Flask, and one way for errors."""

import logging
import os
import re
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError

from core import Forbidden, Invalid, NotFound, Store, Unauthenticated, retrying, schema
from dialects.base import Dialect
from dialects.limits import FileLimits, Limits, MemoryLimits, RedisLimits
from gateway import registry
from gateway.config import Config
from gateway.quick import QuickFlask

logger = logging.getLogger(__name__)

EXPECTED = (Forbidden, Invalid, NotFound, Unauthenticated, HTTPException)
Owner = Callable[[str], Dialect | None]


class SchemaError(Exception):
    """The database is not ready; the text says what to do."""


class QuirkError(Exception):
    """A quirk is set to what it cannot be; the text says what it can."""


class Gateway(QuickFlask):
    """A Flask app whose views are done again while the store is busy.

    A view's book commits or rolls back as a whole, so doing it again is safe.
    """

    def dispatch_request(self) -> ResponseReturnValue:
        return retrying(super().dispatch_request)

    def log_exception(self, exc_info: Any) -> None:
        """Log what went wrong with an answer, without a trace that quotes a client."""
        self.logger.error("unexpected error: %s", described(exc_info[1]))


def create_app(
    config: Config,
    *,
    store: Store | None = None,
    dialects: Sequence[Dialect] | None = None,
    limits: Limits | None = None,
) -> Flask:
    """The WSGI app that speaks the dialects over the store."""
    app = Gateway("gateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = config.max_body
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    # `/customers//addresses` means an empty id to some APIs; it is not to be cleaned.
    app.url_map.merge_slashes = False
    app.extensions["store"] = open_store(config) if store is None else store
    mounted, others = {}, {}
    for dialect in registry.load(config.dialects) if dialects is None else dialects:
        root = config.mounts.get(dialect.name, dialect.root)
        app.register_blueprint(dialect.blueprint, url_prefix=root)
        mounted[root] = dialect
        for other, blueprint in dialect.others.items():
            app.register_blueprint(blueprint, url_prefix=other)
            others[other] = dialect
    app.extensions["dialects"] = mounted
    app.extensions["limits"] = limits or open_limits(config, app.extensions["store"])
    app.extensions["quirks"] = {
        dialect.name: chosen(dialect, config.quirks.get(dialect.name, {}))
        for dialect in mounted.values()
    }
    app.register_error_handler(Exception, failing(owners({**mounted, **others})))
    return app


def app_from_environ() -> Flask:
    """The app, as the environment configures it."""
    return create_app(Config.from_environ(os.environ))


def open_store(config: Config) -> Store:
    """The configured store, whose schema is brought up to date where that is safe.

    Raises SchemaError for a database that several machines may share. One that cannot
    be reached is taken for ready: until it is, requests fail in their dialects' words.
    """
    store = Store(
        config.database_url,
        secret_key=config.secret_key,
        old_secret_key=config.old_secret_key,
        durable=config.durable,
        replica_url=config.replica_url,
    )
    try:
        revision = schema.revision(store.database)
    except schema.Unreachable:
        logger.warning("the database cannot be reached yet")
        return store
    if revision != schema.HEAD:
        if not store.database.is_sqlite:
            store.close()
            raise SchemaError(
                "the database's schema is not the newest:"
                " run `address-gateway db upgrade`"
            )
        if store.database.is_sqlite and not store.database.is_file:
            schema.create(store.database)
        else:
            schema.upgrade(store.database)
    return store


def open_limits(config: Config, store: Store) -> Limits:
    """What counts requests, in this process, on this host, or on several."""
    if config.redis_url:
        return RedisLimits(config.redis_url)
    if store.database.is_sqlite and not store.database.is_file:
        return MemoryLimits()
    url = store.database.url.render_as_string(hide_password=False)
    return FileLimits.for_database(url)


def chosen(dialect: Dialect, given: Any) -> dict[str, Any]:
    """The dialect's quirks as the operator wants them. Raises QuirkError."""
    fidelity = given if isinstance(given, str) else given.get("fidelity", "documented")
    if fidelity not in ("documented", "observed"):
        raise QuirkError(
            f"the fidelity of {dialect.name} is {fidelity!r};"
            " it can be documented or observed"
        )
    values = {name: getattr(quirk, fidelity) for name, quirk in dialect.quirks.items()}
    for name, value in ({} if isinstance(given, str) else given).items():
        if name == "fidelity":
            continue
        if name not in values:
            known = ", ".join(["fidelity", *values])
            raise QuirkError(f"{dialect.name} has no quirk {name!r}; it has: {known}")
        if type(value) is not type(values[name]):
            wanted = type(values[name]).__name__
            raise QuirkError(f"the quirk {name!r} of {dialect.name} must be {wanted}")
        values[name] = value
    return values


def failing(owner: Owner) -> Callable[[Exception], Response]:
    """The one error handler: every error is answered by the dialect it belongs to.

    A blueprint does not own its URL space, so its own handlers would never see the
    404 and 405 of routing.
    """

    def fail(error: Exception) -> Response:
        if not isinstance(error, EXPECTED):
            told = {"error": type(error).__name__, "place": place_of(error)}
            text = described(error)
            current_app.logger.error("unexpected error: %s", text, extra=told)
        discard_body()
        dialect = owner(request.path)
        try:
            return dialect.fail(error) if dialect else plain(error)
        except Exception as another:
            # Flask asks once more, for an InternalServerError.
            if not isinstance(error, InternalServerError):
                raise
            current_app.logger.error("unexpected error: %s", described(another))
            return plain(error)

    return fail


def described(error: Exception) -> str:
    """An error for the log: what and where, and nothing that a client or key said."""
    where = f"{place_of(error)} in {request.method} {request.endpoint}"
    return f"{type(error).__name__} at {where}"


def place_of(error: BaseException) -> str:
    """The file and line that an error comes from."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def owners(mounted: dict[str, Dialect]) -> Owner:
    """Which dialect answers for a path: the one with the longest root above it."""
    roots = [
        (re.compile(re.sub(r"<[^>]+>", "[^/]+", root) + r"(?:/|$)"), dialect)
        for root, dialect in sorted(mounted.items(), key=lambda m: -len(m[0]))
    ]

    def owner(path: str) -> Dialect | None:
        return next((dialect for root, dialect in roots if root.match(path)), None)

    return owner


def discard_body() -> None:
    """Read what the client still sends, or its next request is lost with it."""
    try:
        request.get_data()
    except HTTPException:
        return


def plain(error: Exception) -> Response:
    """The answer outside every dialect's URL space."""
    code = error.code if isinstance(error, HTTPException) else 500
    name = error.name if isinstance(error, HTTPException) else "Internal Server Error"
    return Response(f"{name}\n", status=code, mimetype="text/plain")
