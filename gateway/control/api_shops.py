"""The control side's views of shops: what they hold, snapshots, keys."""

from flask import Response, request

from gateway.control.adding import add_address, add_customer
from gateway.control.api_parts import (
    JSON,
    BadRequest,
    an_object,
    answer,
    blueprint,
    control,
    described,
    done,
    required,
    said,
    shown_key,
)
from gateway.control.seeds import plain_address, plain_customer

YAML = "application/yaml"


@blueprint.get("/shops")
def list_shops() -> Response:
    return answer({"shops": [described(shop) for shop in control().shops()]})


@blueprint.post("/shops")
def create_shop() -> Response:
    given = said(hash="text", name="text", seed="seed", quirks="object")
    for values in given.get("quirks", {}).values():
        if not isinstance(values, dict):
            raise BadRequest("quirks are an object for each dialect")
    return answer(described(control().new_shop(**given)), 201)


@blueprint.get("/shops/<hash>")
def get_shop(hash: str) -> Response:
    return answer(described(control().shop(hash)))


@blueprint.delete("/shops/<hash>")
def delete_shop(hash: str) -> Response:
    control().delete_shop(hash)
    return done()


@blueprint.put("/shops/<hash>/seed")
def seed_shop(hash: str) -> Response:
    shop = control().shop(hash)
    shop.seed(request.get_data())
    return answer(described(shop))


@blueprint.get("/shops/<hash>/seed")
def export_shop(hash: str) -> Response:
    shop = control().shop(hash)
    if request.accept_mimetypes.best_match([YAML, JSON]) == JSON:
        return answer(shop.data())
    return Response(shop.export(), content_type=YAML)


@blueprint.post("/shops/<hash>/reset")
def reset_shop(hash: str) -> Response:
    control().shop(hash).reset()
    return done()


@blueprint.post("/shops/<hash>/fork")
def fork_shop(hash: str) -> Response:
    return answer(described(control().shop(hash).fork(**said(hash="text"))), 201)


@blueprint.get("/shops/<hash>/snapshots")
def list_snapshots(hash: str) -> Response:
    return answer({"snapshots": control().shop(hash).snapshots()})


@blueprint.put("/shops/<hash>/snapshots/<name>")
def take_snapshot(hash: str, name: str) -> Response:
    control().shop(hash).snapshot(name)
    return done()


@blueprint.delete("/shops/<hash>/snapshots/<name>")
def delete_snapshot(hash: str, name: str) -> Response:
    control().shop(hash).remove_snapshot(name)
    return done()


@blueprint.post("/shops/<hash>/snapshots/<name>/restore")
def restore_snapshot(hash: str, name: str) -> Response:
    control().shop(hash).restore(name)
    return done()


@blueprint.post("/shops/<hash>/keys")
def add_key(hash: str) -> Response:
    shop = control().shop(hash)
    names = ("dialect", "scope", "token", "secret", "label", "consumer")
    given = said(**dict.fromkeys(names, "text"), customer_id="number")
    required(given, "dialect", "scope")
    key = shop.add_key(**given)
    return answer(shown_key(shop, given["dialect"], key), 201)


@blueprint.post("/shops/<hash>/customers")
def new_customer(hash: str) -> Response:
    customer, addresses = add_customer(control().shop(hash), an_object())
    own = {"addresses": [plain_address(one) for one in addresses]}
    return answer({**plain_customer(customer), **own}, 201)


@blueprint.post("/shops/<hash>/customers/<int:id>/addresses")
def new_address(hash: str, id: int) -> Response:
    added = add_address(control().shop(hash), id, an_object())
    return answer(plain_address(added), 201)
