"""Asks a target and a gateway of our own the same, and removes what that made."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from http.client import HTTPException
from typing import Any

from core import AddressError, Store, schema
from dialects.base import Dialect, Fixtures
from dialects.checks import Check, Checks, Seen
from gateway.compare import Answer, Difference, parsed
from gateway.replay import serving
from gateway.seed import plant_fixtures
from gateway.verify.comparing import Sides, Twins, compared
from gateway.verify.credentials import Access
from gateway.verify.report import Report, Verdict
from gateway.verify.server import Server, filled, filled_path, names_in

JSON = {"Accept": "application/json"}
NO_ANSWER = (OSError, HTTPException)
UNREADABLE = (AddressError, LookupError, TypeError, ValueError, AttributeError)
Progress = Callable[[int, int, Check], None]


class VerifyError(Exception):
    """A server cannot be asked; the text says why."""


def selected(checks: Checks, *, write: bool, only: str = "") -> list[Check]:
    """The checks of a profile whose names match, and those that they build on."""
    profile = [one for one in checks.all if write or not one.writes]
    wanted = {
        one.name
        for one in profile
        if not only or only in one.name or fnmatchcase(one.name, only)
    }
    for one in reversed(profile):
        if one.makes and any(
            one.makes in names(other) for other in profile if other.name in wanted
        ):
            wanted.add(one.name)
    return [one for one in profile if one.name in wanted]


def names(check: Check) -> set[str]:
    """The names in a check that must be known before it can be run."""
    return names_in(check.call) | names_in(check.body)


def verify(
    dialect: Dialect,
    target: str,
    access: Access,
    *,
    write: bool = False,
    fidelity: str = "documented",
    only: str = "",
    progress: Progress = lambda number, total, check: None,
) -> Report:
    """What comes of asking the target. Raises VerifyError.

    Whatever it made there is removed again, even when it is interrupted.
    """
    if dialect.checks is None:
        raise VerifyError(f"the dialect {dialect.name!r} has no checks")
    checks = dialect.checks()
    chosen = selected(checks, write=write, only=only)
    if not chosen:
        raise VerifyError(f"no check's name matches {only!r}; `--list` shows them")
    run = secrets.token_hex(4)
    known = {"customer": access.customer, "person": access.customer}
    known |= {"run": run, "mark": f"Verify-{run}"}
    theirs = Server(dialect, target, access, dict(known))
    report = Report(
        dialect=dialect.name, target=target, profile="write" if write else "read-only"
    )
    before = seen(checks, theirs, access.customer, report)
    theirs.known |= before.known
    with our_own(dialect, before, access, fidelity, report) as base_url:
        ours = Server(dialect, base_url, access, dict(theirs.known))
        pair = Pair(checks, ours, theirs, access)
        try:
            for number, check in enumerate(chosen, start=1):
                progress(number, len(chosen), check)
                report.verdicts.append(pair.verdict(check))
        except KeyboardInterrupt:
            report.is_interrupted = True
            report.notes.append(f"it was interrupted while it asked: {check.name}")
            report.verdicts += [
                not_run(check, "it was interrupted")
                for check in chosen[len(report.verdicts) :]
            ]
        finally:
            pair.remove(report)
            if write:
                sweep(checks, theirs, before, report)
    return report


def seen(checks: Checks, server: Server, customer: str, report: Report) -> Seen:
    """What the target shows of the customer. Raises VerifyError if it refuses all."""

    def ask(path: str) -> Any:
        answer = server.ask(look(path))
        if answer.status in (401, 403):
            raise VerifyError(
                f"{server.base_url} answers {answer.status} to GET {path}: it refuses"
                " the credentials; check the file, and that the key may read"
            )
        value = parsed(answer)
        return None if answer.status != 200 or isinstance(value, bytes) else value

    try:
        return checks.look(ask, customer)
    except NO_ANSWER as error:
        raise VerifyError(f"{server.base_url} cannot be asked: {error}") from error
    except UNREADABLE as error:
        report.notes.append(unreadable(error))
        return Seen()


def unreadable(error: Exception) -> str:
    """Why most answers will differ."""
    return (
        f"what the target shows of the customer cannot be read ({error!r}), so nothing"
        " of it is held here for comparison"
    )


def look(path: str) -> Check:
    """The request for what is there."""
    return Check("look", f"GET {path}", "", headers=JSON)


@contextmanager
def our_own(
    dialect: Dialect, held: Seen, access: Access, fidelity: str, report: Report
) -> Iterator[str]:
    """A gateway of our own that holds the same, and lets the same callers in."""
    store = Store(secret_key="verify")
    try:
        schema.create(store.database)
        hash = next(iter(access.parts.values()), "verify")
        given = Fixtures(
            customers=held.customers,
            addresses=held.addresses,
            places=held.places,
            keys=access.all_keys(),
        )
        try:
            plant_fixtures(store, hash, dialect.name, given)
        except UNREADABLE as error:
            report.notes.append(unreadable(error))
            store.remove_shop(store.shop(hash))
            plant_fixtures(store, hash, dialect.name, Fixtures(keys=given.keys))
        with serving(store, dialect, {"fidelity": fidelity}) as base_url:
            yield base_url
    finally:
        store.close()


class Pair:
    """The two servers while they are asked the same."""

    def __init__(
        self, checks: Checks, ours: Server, theirs: Server, access: Access
    ) -> None:
        self._checks = checks
        self._ours = ours
        self._theirs = theirs
        self._access = access
        self._twins: list[Twins] = []
        self._undo: list[Check] = []
        self._kept: list[str] = []
        # A server may tell times in whole seconds.
        self._since = datetime.now(UTC).replace(microsecond=0)

    def verdict(self, check: Check) -> Verdict:
        """What comes of a check."""
        reason = self.reason_not_to(check)
        if reason:
            return not_run(check, reason)
        request = f"{check.call.partition(' ')[0]} {self._theirs.path(check)}"
        judged = partial(Verdict, name=check.name, request=request, source=check.source)
        ours = self._ours.ask(check)
        try:
            theirs = self._theirs.ask(check)
        except NO_ANSWER as error:
            what = {"expected": ours.status, "got": f"no answer: {error!r}"}
            return judged(ours=ours, differences=[Difference(what="status", **what)])
        self.learn(check, ours, theirs)
        sides = Sides(
            ours=self._ours.base_url,
            theirs=self._theirs.base_url,
            since=self._since,
            twins=tuple(self._twins),
        )
        names = self._checks.headers
        found = compared(ours, theirs, sides, names, is_sample=check.is_sample)
        return judged(ours=ours, theirs=theirs, differences=found)

    def reason_not_to(self, check: Check) -> str:
        """Why a check cannot be run, if so."""
        if check.key not in (*self._access.keys, "none", "unknown"):
            return f"the credentials have no key with the scope {check.key}"
        lacking = [n for n in sorted(names(check)) if n not in self._theirs.known]
        return f"the target shows no {lacking[0]} to ask for" if lacking else ""

    def learn(self, check: Check, ours: Answer, theirs: Answer) -> None:
        """Remember what the two made, and how the target is made as before."""
        if not check.makes:
            if check.undo and theirs.status < 300:
                self._undo.append(undoing(check, self._theirs.known))
            return
        made = self.made(ours), self.made(theirs)
        if made[1] is not None and not check.undo:
            self._kept.append(f"{check.call} made {made[1]}: the API cannot remove it")
        elif made[1] is not None:
            known = {**self._theirs.known, check.makes: made[1]}
            self._undo.append(undoing(check, known))
        if None not in made:
            self._twins.append(Twins(check.makes, *made))
            for server, id in zip((self._ours, self._theirs), made, strict=True):
                server.known[check.makes] = server.known[f"new_{check.makes}"] = id

    def made(self, answer: Answer) -> Any:
        """The id of what a server made, if it made anything."""
        if answer.status >= 300:
            return None
        try:
            return self._checks.made(answer.headers, parsed(answer))
        except (KeyError, TypeError, ValueError, LookupError):
            return None

    def remove(self, report: Report) -> None:
        """Undo at the target what was done there, the newest first."""
        report.left_behind += self._kept
        for check in reversed(self._undo):
            reason = undone(self._theirs, check)
            if reason:
                report.left_behind.append(f"{check.call}: {reason}")


def undoing(check: Check, known: Mapping[str, Any]) -> Check:
    """The request that undoes what a check did."""
    method, _, path = check.undo.partition(" ")
    call = f"{method} {filled_path(path, known)}"
    return Check("undo", call, "", headers=JSON, body=filled(check.undo_body, known))


def undone(server: Server, check: Check) -> str:
    """Undo something; why it cannot be, if so. What is gone already is no failure."""
    try:
        answer = server.ask(check)
    except NO_ANSWER as error:
        return repr(error)
    if answer.status < 300 or answer.status == 404:
        return ""
    return f"the target answers {answer.status}"


def sweep(checks: Checks, server: Server, before: Seen, report: Report) -> None:
    """Remove what is marked as ours and should never have been taken by the target."""
    customer = server.known["customer"]
    try:
        after = seen(checks, server, customer, report)
    except VerifyError as error:
        report.left_behind.append(f"what there is of customer {customer}: {error}")
        return
    for id in [id for id in after.texts if id not in before.texts]:
        call = filled_path(checks.remove, {**server.known, "id": id})
        if server.known["mark"] not in after.texts[id]:
            report.notes.append(f"address {id} appeared meanwhile; it is left alone")
            continue
        reason = undone(server, Check("remove", call, "", headers=JSON))
        if reason:
            report.left_behind.append(f"{call}: {reason}")


def not_run(check: Check, reason: str) -> Verdict:
    """The verdict on a check that says nothing."""
    return Verdict(
        name=check.name, request=check.call, source=check.source, reason=reason
    )
