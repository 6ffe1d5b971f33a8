"""The client's tests: against the shop that `address_gateway` makes for each."""

import pytest
import requests
from address_copy import copy_addresses

ADDRESS = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "street": ["12 Analytical Row", "Flat 3"],
    "city": "Akron",
    "region": "Ohio",
    "country": "US",
    "postal_code": "44301",
    "phone": "212 555 0100",
}


@pytest.fixture
def parties(address_gateway):
    """The client's two ends: one shop, which both APIs show."""
    return {
        "openmage": address_gateway.session("openmage"),
        "openmage_url": address_gateway.url("openmage"),
        "bigcommerce": address_gateway.session("bigcommerce"),
        "bigcommerce_url": address_gateway.url("bigcommerce"),
    }


def test_an_address_that_is_there_is_not_copied_twice(address_gateway, parties):
    ada = address_gateway.add_customer(first_name="Ada")
    address_gateway.add_address(ada, **ADDRESS)

    created = copy_addresses(**parties, customer_id=ada.id)

    assert created == 0
    address_gateway.journal.assert_called("openmage.list", times=1, status=200)
    address_gateway.journal.assert_called("bigcommerce.create", times=1, status=200)


def test_a_customer_without_addresses_costs_no_write(address_gateway, parties):
    ada = address_gateway.add_customer(first_name="Ada")

    copy_addresses(**parties, customer_id=ada.id)

    address_gateway.journal.assert_not_called("bigcommerce.*")


def test_nothing_is_sent_in_vain(address_gateway, parties):
    ada = address_gateway.add_customer(first_name="Ada")
    address_gateway.add_address(ada, **ADDRESS)

    copy_addresses(**parties, customer_id=ada.id)

    address_gateway.journal.assert_all_read()


@pytest.mark.parametrize("fault", ["reset", "commit_then_drop"])
def test_an_answer_that_is_lost_is_asked_for_again(address_gateway, parties, fault):
    ada = address_gateway.add_customer(first_name="Ada")
    address_gateway.add_address(ada, **ADDRESS)
    address_gateway.faults.inject(fault, operation="bigcommerce.create")

    copy_addresses(**parties, customer_id=ada.id)

    address_gateway.journal.assert_called("bigcommerce.create", times=2)


def test_a_customer_who_is_gone_is_an_error(parties):
    with pytest.raises(requests.HTTPError, match="404"):
        copy_addresses(**parties, customer_id=7)


@pytest.mark.address_gateway(fidelity="observed")
def test_the_platform_as_it_was_observed_will_do_too(address_gateway, parties):
    ada = address_gateway.add_customer(first_name="Ada")
    address_gateway.add_address(ada, **ADDRESS)

    assert copy_addresses(**parties, customer_id=ada.id) == 0
