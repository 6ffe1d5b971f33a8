"""Faults that are brought about on purpose: which, to what, how often.

A dialect declares the errors of its platform; those of the way there and back are here.
A fault strikes the next so many calls, or each with a probability: then the seed tells
which, so that every run is alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from threading import Lock
from typing import Any

from dialects.base import Dialect
from dialects.rehearsal import Fault
from gateway.control.errors import unknown
from gateway.control.journal import matches

LATENCY, TRICKLE, RESET, DROP = "latency", "trickle", "reset", "commit_then_drop"
TRANSPORT: Mapping[str, Mapping[str, int]] = {
    LATENCY: {"milliseconds": 1000},
    TRICKLE: {"bytes": 16, "milliseconds": 100},
    RESET: {},
    DROP: {},
}
"""The answer comes late, or slowly; the connection is reset before anything is done, or
after it was. With the options of each, and their values unless told otherwise."""

LARGEST_OPTION = 3_600_000


class FaultError(ValueError):
    """There is no such fault, or it cannot be brought about so; the text says why."""


@dataclass(kw_only=True, slots=True)
class Rule:
    """A fault that is to be brought about: `left` times, or without end if None."""

    id: int
    fault: str
    dialect: str
    operation: str
    left: int | None
    probability: float
    seed: int
    options: Mapping[str, int]
    declared: Fault | None = None
    fired: int = 0
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    @property
    def is_late(self) -> bool:
        """Whether the operation is done before."""
        return self.fault == DROP or bool(self.declared and self.declared.is_late)

    def strikes(self, dialect: str, operation: str) -> bool:
        """Whether it happens to this call, which then counts."""
        if self.left == 0 or self.dialect not in ("", dialect):
            return False
        if not matches(self.operation, operation):
            return False
        allowed = self.declared.operations if self.declared else ()
        if allowed and operation not in allowed:
            return False
        if self.probability < 1 and self._random.random() >= self.probability:
            return False
        self.fired += 1
        if self.left is not None:
            self.left -= 1
        return True

    def spare(self) -> None:
        """Take back what struck in vain."""
        self.fired -= 1
        if self.left is not None:
            self.left += 1

    def as_json(self) -> dict[str, Any]:
        """The rule as the control API shows it."""
        names = ("id", "fault", "dialect", "operation", "left", "probability", "seed")
        told = {name: getattr(self, name) for name in (*names, "fired")}
        return {**told, "options": dict(self.options)}


@dataclass(frozen=True, slots=True)
class Struck:
    """What happens to one call."""

    milliseconds: int = 0
    trickle: Mapping[str, int] | None = None
    rule: Rule | None = None
    names: Sequence[str] = ()


NOTHING = Struck()


class Faults:
    """The faults of one shop: none, until one is injected."""

    def __init__(self, dialects: Mapping[str, Dialect]) -> None:
        self._dialects = dialects
        self._rules: list[Rule] = []
        self._numbers = count(1)
        self._lock = Lock()

    def inject(
        self,
        fault: str,
        *,
        dialect: str = "",
        operation: str = "*",
        times: int | None = None,
        probability: float = 1,
        seed: int = 0,
        options: Mapping[str, int] | None = None,
    ) -> Rule:
        """Bring about a fault: "DIALECT.NAME", or one of `TRANSPORT`.

        It strikes once, unless `times` or a `probability` is given: with the latter,
        until it is removed. Raises FaultError, which says what there is.
        """
        dialect, declared = self._found(fault, dialect)
        dialect, operation = self._operation(dialect, operation, declared)
        known = declared.options if declared else TRANSPORT[fault]
        if times is None and probability == 1:
            times = 1
        if times is not None and times < 1:
            raise FaultError(f"times is {times}; it can be 1 or more")
        if not 0 < probability <= 1:
            raise FaultError(
                f"the probability is {probability}; it can be above 0 to 1"
            )
        rule = Rule(
            id=next(self._numbers),
            fault=fault if declared is None or "." in fault else f"{dialect}.{fault}",
            dialect=dialect,
            operation=operation,
            left=times,
            probability=probability,
            seed=seed,
            options=chosen(fault, known, options or {}),
            declared=declared,
        )
        with self._lock:
            self._rules.append(rule)
        return rule

    def rules(self) -> list[Rule]:
        """The faults that are still to strike, and those that did."""
        return [*self._rules]

    def remove(self, id: int) -> None:
        """Let a fault strike no more. Raises FaultError if there is none."""
        with self._lock:
            kept = [rule for rule in self._rules if rule.id != id]
            if len(kept) == len(self._rules):
                known = ", ".join(str(rule.id) for rule in kept) or "none"
                raise FaultError(
                    f"there is no fault with the id {id}; there are: {known}"
                )
            self._rules = kept

    def clear(self) -> None:
        """Let no fault strike any more."""
        with self._lock:
            self._rules = []

    def strike(self, dialect: str, operation: str) -> Struck:
        """What happens to this call: of several answers the first, and all delays."""
        if not self._rules:
            return NOTHING
        late, slow, answer = 0, None, None
        names = []
        with self._lock:
            for rule in self._rules:
                is_delay = rule.fault in (LATENCY, TRICKLE)
                if answer and not is_delay:
                    continue
                if not rule.strikes(dialect, operation):
                    continue
                names.append(rule.fault)
                if rule.fault == LATENCY:
                    late += rule.options["milliseconds"]
                elif rule.fault == TRICKLE:
                    slow = rule.options
                else:
                    answer = rule
        return Struck(late, slow, answer, names)

    def spare(self, rule: Rule) -> None:
        """Take back what struck in vain."""
        with self._lock:
            rule.spare()

    def _found(self, fault: str, dialect: str) -> tuple[str, Fault | None]:
        """The dialect and the declared fault; neither for one of the transport."""
        if dialect and dialect not in self._dialects:
            raise FaultError(unknown("dialect", dialect, self._dialects))
        if fault in TRANSPORT:
            return dialect, None
        owner, _, name = fault.rpartition(".")
        owner = owner or dialect
        known = {
            f"{one.name}.{name}": declared
            for one in self._dialects.values()
            if one.rehearsal
            for name, declared in one.rehearsal().faults.items()
        }
        if dialect and owner != dialect:
            raise FaultError(f"the fault {fault!r} is none of {dialect}")
        if f"{owner}.{name}" not in known:
            raise FaultError(unknown("fault", fault, [*TRANSPORT, *known]))
        return owner, known[f"{owner}.{name}"]

    def _operation(
        self, dialect: str, operation: str, declared: Fault | None
    ) -> tuple[str, str]:
        """The dialect and the operations, as a pattern without the dialect's name."""
        owner, _, name = operation.partition(".")
        if owner in self._dialects:
            if dialect and owner != dialect:
                raise FaultError(f"{operation!r} is no operation of {dialect}")
            dialect, operation = owner, name
        known = {
            name
            for one in self._dialects.values()
            if one.rehearsal and dialect in ("", one.name)
            for name in one.rehearsal().operations
        }
        if declared and declared.operations:
            known &= declared.operations
        if operation != "*" and not any(matches(operation, name) for name in known):
            raise FaultError(unknown("operation", operation, sorted(known)))
        return dialect, operation


def chosen(
    fault: str, known: Mapping[str, int], given: Mapping[str, int]
) -> Mapping[str, int]:
    """The options of a fault. Raises FaultError."""
    for name, value in given.items():
        if name not in known:
            there_are = ", ".join(known) or "none"
            raise FaultError(f"{fault} has no option {name!r}; it has: {there_are}")
        if type(value) is not int or not 0 <= value <= LARGEST_OPTION:
            raise FaultError(
                f"the option {name!r} is a number from 0 to {LARGEST_OPTION}"
            )
    if fault == TRICKLE and given.get("bytes") == 0:
        raise FaultError("a trickle has at least 1 of its bytes at a time")
    return {**known, **given}
