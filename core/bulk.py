"""Many customers and addresses at once, by the rules of a book.

What a book does for one draft is done here for a batch of records: one look for all
customers and all ids, one change of a counter, and the driver's own bulk path.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from core import counters, statements
from core.batch import NO_ROLE, Batch, Roles
from core.bulk_numbers import Added, Numbering
from core.bulk_rows import Rows
from core.bulk_statements import (
    ADDRESS,
    CUSTOMER,
    DEFAULTS,
    HOW_MANY_LOCKED,
    HOW_MANY_LOCKED_BY_ARRAY,
    LOCKED,
    LOCKED_BY_ARRAY,
    SET_BY_ARRAYS,
    SET_BY_LISTS,
    Kind,
)
from core.connection import Row, Taken
from core.errors import Invalid, Problem
from core.instants import to_microseconds
from core.names import OWN
from core.records import Record, Refused, address_row, customer_row
from core.refusals import address_problems, customer_problems


class Bulk(Numbering):
    """One unit of work that stores batches, for one dialect and one shop."""

    def store(self, batch: Batch, *, updates: bool = False) -> Added:
        """Store the customers, then the addresses, but for what has problems.

        What is there already, with the same ids, is unchanged if it says the same; else
        its ids are "taken", or it is changed if told so. Ids and customer are "kept".
        """
        self._updates = updates
        self._instant = to_microseconds(self._now())
        self._roles = dict(batch.roles)
        added = Added()
        self._add(CUSTOMER, self._customers(batch, added), added)
        self._add(ADDRESS, self._addresses(batch, added), added)
        return added

    def _customers(self, batch: Batch, added: Added) -> Rows:
        """The customers' rows; of the others it is told what is wrong."""
        others = {}
        for index, record in batch.other_customers.items():
            found = customer_problems(record, index)
            added.problems += found
            if not found:
                others[index] = customer_row(without_nulls(record), self._shop)
        return batch.customers.beside(others)

    def _addresses(self, batch: Batch, added: Added) -> Rows:
        """The addresses' rows, of customers who are there and are locked."""
        wanted = batch.owners()
        owners = self._there(self._ours("customer", wanted))
        self._find_cities(batch.other_addresses.values())
        others = {}
        for index, record in batch.other_addresses.items():
            try:
                others[index] = self._row(index, record, owners)
            except Refused:
                added.problems += address_problems(record, index, owners)
            except Invalid as invalid:
                # Of a place; but something else may be wrong as well.
                found = address_problems(record, index, owners)
                added.problems += found or [
                    replace(p, index=index) for p in invalid.problems
                ]
        rows = batch.addresses.beside(others)
        if not self._renamed and len(owners) == len(wanted):
            return rows
        return Rows(rows.columns, self._owned(rows.by_index(), owners, added))

    def _row(self, index: int, record: Record, owners: Mapping[int, int]) -> Row:
        """The row of an address, whose place is looked for. Raises Refused, Invalid."""
        customer = record.get("customer_id")
        if type(customer) is not int or customer not in owners:
            raise Refused
        given = without_nulls(record)
        row, billing, shipping = address_row(given, self._shop, self._place)
        if billing or shipping:
            self._roles[index] = (billing, shipping)
        return row

    def _there(self, numbers: Mapping[int, int]) -> Mapping[int, int]:
        """Those of the customers who are there, locked."""
        sought = sorted(numbers.values())
        how_many, which = HOW_MANY_LOCKED, LOCKED
        if self._connection.takes_arrays:
            how_many, which = HOW_MANY_LOCKED_BY_ARRAY, LOCKED_BY_ARRAY
        [(count,)] = self._each(how_many, sought) if sought else [(0,)]
        if count == len(numbers):
            return numbers
        there = {row[0] for row in self._each(which, sought)}
        return {theirs: ours for theirs, ours in numbers.items() if ours in there}

    def _owned(
        self, rows: dict[int, Row], owners: Mapping[int, int], added: Added
    ) -> dict[int, Row]:
        """The addresses with our numbers of their customers, if they are there."""
        owned = {}
        for index, row in rows.items():
            if row[3] in owners:
                owned[index] = (*row[:3], owners[row[3]], *row[4:])
            else:
                value = {"value": row[3]}
                added.problems.append(Problem("customer_id", "unknown", index, value))
        return owned

    def _add(self, kind: Kind, rows: Rows, added: Added) -> None:
        """Store the rows that are new, and change others if told so."""
        if not rows:
            return
        held = {"shop": self._shop, "which": kind.name}
        [last] = self._connection.one(counters.HOLD, **held) or [0]
        numbers = [*filter(None, rows.column("id"))]
        is_own = not self._renamed and max(numbers, default=0) < OWN
        # What has a number not reached yet is new, unless its public id is not.
        if is_own and min(numbers, default=last + 1) > last:
            with suppress(Taken):
                with self._connection.savepoint():
                    new = self._load(kind, rows, last, added)
                # Out of it, or PostgreSQL would note two owners of each lock.
                self._set_defaults(kind, new)
                return
        for some in apart(rows.by_index()):
            fresh = Rows(rows.columns, self._fresh(kind, some, added))
            self._set_defaults(kind, self._load(kind, fresh, last, added))

    def _load(self, kind: Kind, rows: Rows, last: int, added: Added) -> Rows:
        """Store rows that are new, and give them with their ids."""
        new = self._named(kind, rows, last, added)
        if self._connection.is_sqlite:
            self._connection.load(kind.table.name, kind.columns, new.values)
        else:
            for text in new.texts:
                self._connection.copy(kind.table.name, *text)
        added.stored += len(new)
        return new

    def _fresh(self, kind: Kind, rows: dict[int, Row], added: Added) -> dict[int, Row]:
        """The rows whose ids nothing has; of the others it is told what they are."""
        ours = self._ours(kind.name, {row[1] for row in rows.values() if row[1]})
        by_number = {
            row[1]: row for row in self._each(kind.by_number, sorted(ours.values()))
        }
        public_ids = [row[2] for row in rows.values() if row[2]]
        by_public_id = {
            row[2]: row for row in self._each(kind.by_public_id, public_ids)
        }
        if not by_number and not by_public_id:
            return rows
        if self._updates and kind is ADDRESS:
            owners = sorted({row[3] for row in rows.values()})
            self._defaults = {id: held for id, *held in self._each(DEFAULTS, owners)}
        fresh = {}
        for index, row in rows.items():
            number, public_id = row[1:3]
            same_id = by_public_id.get(public_id)
            stored = same_id if number is None else by_number.get(ours.get(number))
            taken = []
            if stored is None and same_id is None:
                fresh[index] = row
            elif stored is None or public_id not in ("", stored[2]):
                others = (("id", stored), ("public_id", same_id))
                taken = [name for name, other in others if other is not None]
            elif not self._updates and is_same(stored, row):
                added.unchanged += 1
            elif not self._updates:
                taken = ["public_id" if number is None else "id"]
            elif kind is ADDRESS and stored[3] != row[3]:
                added.problems.append(Problem("customer_id", "kept", index))
            else:
                self._change(kind, index, row, stored, added)
            added.problems += [Problem(name, "taken", index) for name in taken]
        return fresh

    def _change(
        self, kind: Kind, index: int, row: Row, stored: Row, added: Added
    ) -> None:
        """Let what is stored say what the row says."""
        is_changed = not is_same(stored, row)
        if is_changed:
            dates = (stored[-2], self._instant) if row[-1] is None else row[-2:]
            changed = (*row[:1], *stored[1:3], *row[3:-2], *dates)
            values = zip(kind.columns[3:], changed[3:], strict=True)
            self._connection.run(
                kind.store,
                shop=self._shop,
                number=stored[1],
                **{f"to_{name}": value for name, value in values},
            )
        if kind is ADDRESS:
            is_changed |= self._change_roles(stored, self._roles.get(index, NO_ROLE))
        if is_changed:
            added.updated += 1
        else:
            added.unchanged += 1

    def _change_roles(self, stored: Row, role: Roles) -> bool:
        """Whether the address had other roles than it is to have."""
        number, owner = stored[1], stored[3]
        held = self._defaults[owner]
        had = (held[0] == number, held[1] == number)
        if had == role:
            return False
        for n, is_default in enumerate(role):
            if is_default or had[n]:
                held[n] = number if is_default else None
        self._connection.run(
            statements.set_defaults(False),
            ref=number,
            customer=owner,
            billing=int(role[0]),
            shipping=int(role[1]),
            **self._scope,
        )
        return True

    def _set_defaults(self, kind: Kind, new: Rows) -> None:
        """Let new addresses be the defaults that they are to be; the last wins."""
        if kind is not ADDRESS:
            return
        chosen: dict[int, list[int]] = {}
        ids = zip(new.column("id"), new.column("customer_id"), strict=True)
        by_index = dict(zip(new.indexes, ids, strict=True))
        for index, (billing, shipping) in sorted(self._roles.items()):
            if index not in by_index:
                continue
            number, owner = by_index[index]
            of_owner = chosen.setdefault(owner, [0, 0])
            if billing:
                of_owner[0] = number
            if shipping:
                of_owner[1] = number
        if not chosen:
            return
        rows = sorted((owner, *defaults) for owner, defaults in chosen.items())
        array = self._connection.array
        if self._connection.takes_arrays:
            owners, billings, shippings = map(array, zip(*rows, strict=True))
            given = {"default_billing_id": billings, "default_shipping_id": shippings}
            self._connection.run(SET_BY_ARRAYS, **self._scope, sought=owners, **given)
        else:
            self._connection.run(SET_BY_LISTS, **self._scope, rows=array(rows))


def without_nulls(record: Record) -> Record:
    """The record without what is as good as absent."""
    return {name: value for name, value in record.items() if value is not None}


def is_same(stored: Row, row: Row) -> bool:
    """Whether what is stored says what the row says; what it leaves out is anything."""
    return stored[3:-2] == row[3:-2] and (row[-1] is None or stored[-2:] == row[-2:])


def apart(rows: dict[int, Row]) -> list[dict[int, Row]]:
    """The rows in groups, in none of which two have the same id."""
    seen: dict[Any, int] = {}
    groups: list[dict[int, Row]] = [{}]
    for index, row in rows.items():
        level = 0
        for id in row[1:3]:
            if id:
                level = max(level, seen.get(id, 0))
        for id in row[1:3]:
            if id:
                seen[id] = level + 1
        if level == len(groups):
            groups.append({})
        groups[level][index] = row
    return groups
