"""What went wrong, in one line that says what to do next."""

import traceback
from pathlib import Path

DATABASE = ("sqlalchemy", "sqlite3", "psycopg")


def described(error: Exception) -> str:
    """The line for an error that no command expected."""
    from core import (
        Busy,
        Invalid,
        NoSecretKey,
        NotFound,
        OutcomeUnknown,
        WrongSecretKey,
        schema,
    )

    match error:
        case NotFound(kind=kind, id=id):
            return f"there is no {kind} {id!r}; see `address-gateway {kind} list`"
        case Invalid(problems=problems):
            return "; ".join(f"{p.path} is {p.code} {dict(p.params)}" for p in problems)
        case Busy():
            return "the database is busy with another writer; try again"
        case schema.Unreachable(__cause__=Exception() as cause):
            return described_by_origin(cause)
        case OutcomeUnknown():
            return (
                "the database went away at the commit: what was to be stored may be,"
                " or not; look before you try again"
            )
        case WrongSecretKey():
            return (
                "a key's secret was stored with another secret key than this; set"
                " ADDRESS_GATEWAY_SECRET_KEY to that one, or if it was replaced,"
                " ADDRESS_GATEWAY_OLD_SECRET_KEY"
            )
        case NoSecretKey():
            return (
                "a key's secret needs the secret key that it was stored with;"
                " set ADDRESS_GATEWAY_SECRET_KEY or run `address-gateway init`"
            )
    return described_by_origin(error)


def described_by_origin(error: Exception) -> str:
    """The line for an error that is told by the package it comes from."""
    package = type(error).__module__.partition(".")[0]
    if package == "gateway":
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        name = error.name or "a package"
        return f"{name} is not installed; `pip install 'address-gateway[postgresql]'`"
    if package in DATABASE:
        reason = first_line(getattr(error, "orig", None) or error)
        return f"the database cannot be used: {reason}; check --database"
    if isinstance(error, OSError):
        name = error.filename or "a file or socket"
        return f"{name} cannot be used: {error.strerror or error}; check its path"
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    kind = type(error).__name__
    return f"unexpected {kind} at {where}: {first_line(error)}; please report it"


def first_line(error: object) -> str:
    """The first line of what an error says."""
    return (str(error).splitlines() or [type(error).__name__])[0]
