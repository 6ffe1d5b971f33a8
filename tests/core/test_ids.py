"""The form of public ids (an xid's)."""

import re

from core.ids import base32hex, random_id


def test_a_public_id_has_the_form_of_an_xid():
    assert re.fullmatch(r"adr_[0-9a-v]{20}", random_id("adr"))


def test_public_ids_ascend_in_time():
    ids = [random_id("adr") for _ in range(3)]

    assert [id[:9] for id in ids] == sorted(id[:9] for id in ids)


def test_public_ids_are_not_given_twice():
    assert len({random_id("cus") for _ in range(10_000)}) == 10_000


def test_base32hex_is_that_of_rfc_4648():
    assert base32hex(0, 3) == "000"
    assert base32hex(31, 3) == "00v"
    assert base32hex(32, 3) == "010"
    assert base32hex(2**100 - 1, 20) == "v" * 20
