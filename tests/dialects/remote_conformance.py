"""What holds for every client of a platform, tried on this gateway over HTTP."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

import pytest

from core import Address, Customer, CustomerDraft, Draft, Ref
from dialects.base import Dialect, Operation
from dialects.remote import Denied, Remote
from gateway.testing.world import credentials
from tests.dialects.remotes import Faults, Served, person, quickly, sample, served

COUNT = count(100_000)
TEXTS = (
    "first_name",
    "middle_name",
    "last_name",
    "prefix",
    "suffix",
    "company",
    "street",
    "postal_code",
    "phone",
    "fax",
    "tax_id",
    "national_id",
    "note",
)


def said(dialect: Dialect, draft: Draft) -> tuple[Any, ...]:
    """What an address says, of what the dialect keeps, its places by name."""
    texts = [getattr(draft, name) for name in TEXTS if name not in dialect.losses]
    city, region, country = draft.city, draft.region, draft.country
    state = region and (region.name or region.code)
    spelled = {"NY": "New York"}.get(state or "", state)
    return (*texts, city and city.name, spelled, country and country.code)


def names(one: CustomerDraft) -> tuple[str, str, str]:
    """What every dialect tells of a customer."""
    return one.first_name, one.last_name, one.email


class RemoteConformance:
    """The tests that the test class of a dialect's client inherits."""

    dialect: ClassVar[Dialect]
    options: ClassVar[dict[str, Any]] = {}
    naming: ClassVar[str] = "id"
    nobody: ClassVar[Ref] = 999_999
    seeds: ClassVar[int] = 12
    """How many times a client goes through faults."""

    @pytest.fixture(scope="class")
    @classmethod
    def gateway(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
        with served(cls.dialect, tmp_path_factory.mktemp("remote")) as gateway:
            yield gateway

    @pytest.fixture
    def remote(self, gateway: Served) -> Iterator[Remote]:
        gateway.faults.begin(0, 0.0)
        with gateway.remote(**self.options) as remote:
            yield remote

    @pytest.fixture
    def customer(self, gateway: Served) -> Customer:
        """A customer without addresses."""
        [customer] = gateway.add_customers(person(next(COUNT)))
        return customer

    def ref(self, one: Customer | Address) -> Ref:
        found: Ref = getattr(one, self.naming)
        return found

    def test_it_reads_every_customer_once(
        self, gateway: Served, remote: Remote
    ) -> None:
        gateway.add_customers(*(person(n) for n in range(1000, 1260)))

        found = list(remote.customers())

        stored = {self.ref(one): names(one) for one in gateway.customers()}
        assert {one.ref: names(one.customer) for one in found} == stored
        assert len(found) == len(stored)
        assert remote.count() in (None, len(stored))

    def test_it_reads_who_changed_since(self, gateway: Served, remote: Remote) -> None:
        [old] = gateway.add_customers(person(1))
        since = old.created_at.replace(microsecond=0) + timedelta(seconds=1)
        later = since + timedelta(days=1)

        assert self.ref(old) in {one.ref for one in remote.customers(old.created_at)}
        assert list(remote.customers(later + timedelta(days=1))) == []

    def test_it_reads_every_address_of_many(
        self, gateway: Served, remote: Remote, customer: Customer
    ) -> None:
        drafts = [sample(n, customer_id=customer.id) for n in range(300)]
        stored = gateway.add(drafts)

        found = list(remote.addresses(self.ref(customer)))

        assert [one.ref for one in found] == [self.ref(one) for one in stored]
        expected = [said(self.dialect, draft) for draft in drafts]
        assert [said(self.dialect, one.draft) for one in found] == expected
        assert {one.customer_ref for one in found} == {self.ref(customer)}

    def test_it_reads_the_addresses_of_several(
        self, gateway: Served, remote: Remote
    ) -> None:
        owners = gateway.add_customers(*(person(n) for n in range(2000, 2060)))
        gateway.add([sample(n, customer_id=one.id) for one in owners for n in (1, 2)])

        found = list(remote.addresses_of([self.ref(one) for one in owners]))

        counts = Counter(one.customer_ref for one in found)
        assert counts == {self.ref(one): 2 for one in owners}

    def test_it_finds_one_by_its_e_mail(self, gateway: Served, remote: Remote) -> None:
        [zoe] = gateway.add_customers(person(3, email="Find+Me@Example.com"))

        found = remote.find_customer("find+me@example.COM")

        assert found is not None
        assert (found.ref, names(found.customer)) == (self.ref(zoe), names(zoe))
        assert found.created_at is not None
        assert abs(found.created_at - zoe.created_at) < timedelta(seconds=1)
        assert remote.find_customer("nobody@example.com") is None

    def test_what_is_not_there_is_none(
        self, remote: Remote, customer: Customer
    ) -> None:
        assert remote.customer(self.nobody) is None
        assert remote.address(self.ref(customer), self.nobody) is None
        assert list(remote.addresses(self.nobody)) == []

    def test_a_customer_comes_changes_and_goes(
        self, gateway: Served, remote: Remote
    ) -> None:
        added = remote.add_customer(person(4, email="four@example.com"))
        assert added.ref is not None
        assert added.problem == ""

        changed = remote.update_customer(added.ref, {"first_name": "Änne 🎨"})

        assert (changed.ref, changed.problem) == (added.ref, "")
        found = remote.customer(added.ref)
        assert found is not None
        assert names(found.customer) == ("Änne 🎨", "O'Neil 李", "four@example.com")
        if Operation.REMOVE in self.dialect.customer_operations:
            assert remote.remove_customer(added.ref).problem == ""
            assert remote.remove_customer(added.ref).problem == ""
            assert remote.customer(added.ref) is None
        else:
            with pytest.raises(NotImplementedError):
                remote.remove_customer(added.ref)

    def test_an_e_mail_that_is_there_is_a_duplicate(
        self, gateway: Served, remote: Remote, customer: Customer
    ) -> None:
        again = person(5, email=customer.email.upper())

        outcome = remote.add_customer(again)

        assert (outcome.is_duplicate, outcome.ref) == (True, self.ref(customer))
        assert outcome.problem != ""

    def test_addresses_come_change_and_go(
        self, gateway: Served, remote: Remote, customer: Customer
    ) -> None:
        owner = self.ref(customer)
        drafts = [sample(n) for n in range(12)]

        outcomes = remote.add_addresses(owner, drafts)

        assert [one.problem for one in outcomes] == [""] * 12
        stored = gateway.addresses(customer.id)
        assert [one.ref for one in outcomes] == [self.ref(one) for one in stored]
        expected = [said(self.dialect, draft) for draft in drafts]
        assert [said(self.dialect, one) for one in stored] == expected
        ref = self.ref(stored[3])

        changed = remote.update_address(owner, ref, {"street": ("1 New Row",)})

        assert (changed.ref, changed.problem) == (ref, "")
        new = replace(stored[3], street=("1 New Row",))
        now = gateway.addresses(customer.id)
        assert said(self.dialect, now[3]) == said(self.dialect, new)
        found = remote.address(owner, ref)
        assert found is not None
        assert said(self.dialect, found.draft) == said(self.dialect, new)

        removed = remote.remove_addresses(owner, [ref, ref])

        assert [one.problem for one in removed] == ["", ""]
        assert len(gateway.addresses(customer.id)) == 11

    def test_writing_what_was_read_changes_nothing(
        self, gateway: Served, remote: Remote, customer: Customer
    ) -> None:
        owner = self.ref(customer)
        draft = sample(1, customer_id=customer.id, street=("a", "b", "c"))
        [stored] = gateway.add([draft])
        [shown] = remote.addresses(owner)
        fields = vars(Draft())
        all_of_it = {name: getattr(shown.draft, name) for name in fields}

        outcome = remote.update_address(owner, shown.ref, all_of_it)

        assert outcome.problem == ""
        [now] = gateway.addresses(customer.id)
        assert replace(now, updated_at=stored.updated_at) == stored

    def test_a_refusal_is_told_in_the_platforms_words(
        self, gateway: Served, remote: Remote, customer: Customer
    ) -> None:
        bad = sample(1, country=None)

        [good, refused, also_good] = remote.add_addresses(
            self.ref(customer), [sample(1), bad, sample(2)]
        )

        assert (good.problem, also_good.problem) == ("", "")
        assert refused.ref is None
        assert "country" in refused.problem.lower()
        assert len(gateway.addresses(customer.id)) == 2

    def test_a_wrong_credential_is_told_and_is_no_secret(self, gateway: Served) -> None:
        gateway.faults.begin(0, 0.0)
        keys = credentials(self.dialect)
        consumer = keys.get(self.dialect.consumer_scope)
        main = next(key for key in keys.values() if key is not consumer)
        wrong = replace(main, token="Z" * len(main.token), secret="Y" * 32)
        root = self.dialect.root.replace("<store_hash>", gateway.shop.hash)
        assert self.dialect.remote is not None
        remote = self.dialect.remote(
            gateway.url + root, wrong, consumer, manner=quickly()
        )

        with remote, pytest.raises(Denied) as denied:
            next(remote.customers())

        assert denied.value.status == 401
        assert denied.value.words != ""
        assert "ZZZ" not in str(denied.value)
        assert "YYY" not in str(denied.value)
        assert remote.calls == 1

    def test_faults_lose_nothing_and_double_nothing(self, gateway: Served) -> None:
        """Every kind of fault is met, for creates, changes and removals."""
        gateway.faults.met.clear()
        for seed in range(self.seeds):
            self.go_through_faults(gateway, seed)

        kinds = {met for met in gateway.faults.met if met.startswith("POST")}
        assert kinds == {f"POST {kind}" for kind in ("", *Faults.KINDS)}

    def go_through_faults(self, gateway: Served, seed: int) -> None:
        email = f"faults+{seed}@example.com"
        drafts = [sample(n) for n in range(8)]
        gateway.faults.begin(seed, 0.35)
        # So many attempts that they would have to fail 24 times in a row.
        with gateway.remote(quickly(attempts=24), **self.options) as remote:
            added = remote.add_customer(person(seed, email=email))
            assert added.ref is not None, added
            outcomes = remote.add_addresses(added.ref, drafts)
            refs = [one.ref for one in outcomes]
            changes: dict[str, Any] = {"street": ("1 New Row", "Étage 2")}
            changed = remote.update_address(added.ref, refs[1], changes)  # type: ignore[arg-type]
            removed = remote.remove_addresses(added.ref, [refs[0]])  # type: ignore[list-item]
            read = list(remote.addresses(added.ref))
        gateway.faults.begin(0, 0.0)

        assert {one.problem for one in (added, changed, *outcomes, *removed)} == {""}
        assert not any(one.is_duplicate for one in (added, *outcomes))
        drafts[1] = replace(drafts[1], **changes)
        expected = [said(self.dialect, one) for one in drafts[1:]]
        same = [one for one in gateway.customers() if one.email == email]
        assert len(same) == 1
        stored = gateway.addresses(same[0].id)
        assert [said(self.dialect, one) for one in stored] == expected
        assert [self.ref(one) for one in stored] == refs[1:]
        assert [said(self.dialect, one.draft) for one in read] == expected

    def test_threads_share_a_client(self, gateway: Served) -> None:
        """Each adds to a customer of its own, and faults meet them all."""
        owners = gateway.add_customers(*(person(next(COUNT)) for _ in range(4)))
        drafts = [sample(n) for n in range(6)]
        gateway.faults.begin(1, 0.25)
        with (
            gateway.remote(quickly(attempts=24), **self.options) as remote,
            ThreadPoolExecutor(len(owners)) as pool,
        ):
            refs = [self.ref(one) for one in owners]
            told = [*pool.map(lambda ref: remote.add_addresses(ref, drafts), refs)]
        gateway.faults.begin(0, 0.0)

        assert {one.problem for outcomes in told for one in outcomes} == {""}
        expected = [said(self.dialect, draft) for draft in drafts]
        for owner in owners:
            stored = gateway.addresses(owner.id)
            assert [said(self.dialect, one) for one in stored] == expected
