"""A store gives ids that tell nothing, and lets go of what it held."""

from core import Store, schema


def test_time_and_ids_come_from_outside(store, shop, clock):
    clock.advance(90)

    later = store.add_shop(f"{shop.hash}-later")

    assert (later.created_at - shop.created_at).total_seconds() == 90


def test_a_closed_store_may_be_used_again(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/store.db", durable=False)
    schema.create(store.database)
    shop = store.add_shop("abc")

    store.close()

    assert store.shop("abc") == shop
    store.close()
