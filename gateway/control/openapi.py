"""The OpenAPI document of the control side."""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
JSON = "application/json"


def document() -> Document:
    """The document, of version 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Address Gateway: the control side",
            "version": "1",
            "description": "Shops to test clients on, their time, faults and journals.",
        },
        "security": [{"token": []}],
        "paths": {path: operations(path, of) for path, of in PATHS.items()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": SCHEMAS,
        },
    }


def operations(path: str, of: Mapping[str, Document]) -> Document:
    """The operations of a path, with the parameters that stand in it."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    found: Document = {
        method: {**operation, "responses": {**operation["responses"], **refusals(path)}}
        for method, operation in of.items()
    }
    if names:
        found["parameters"] = [in_path(name) for name in names]
    return found


def refusals(path: str) -> Document:
    error = content({"$ref": "#/components/schemas/Error"})
    found = {
        "400": {"description": "What is asked for cannot be.", "content": error},
        "401": {"description": "The token is missing or wrong.", "content": error},
        "413": {"description": "The body is too large.", "content": error},
    }
    if "{" in path:
        found["404"] = {"description": "There is no such thing.", "content": error}
    return found


def in_path(name: str) -> Document:
    kinds: Document = {"id": {"type": "integer", "minimum": 1}}
    schema = kinds.get(name, {"type": "string", "minLength": 1})
    return {"name": name, "in": "path", "required": True, "schema": schema}


def in_query(name: str, kind: str, description: str) -> Document:
    schema: Document = {"type": kind}
    if kind == "integer":
        schema |= {"minimum": 0, "maximum": 999_999_999}
    return {"name": name, "in": "query", "schema": schema, "description": description}


def content(schema: Document, *types: str) -> Document:
    return {name: {"schema": schema} for name in types or (JSON,)}


def operation(
    summary: str,
    answer: str = "",
    *,
    status: int = 200,
    body: Document | None = None,
    is_needed: bool = True,
    parameters: list[Document] | None = None,
) -> Document:
    """An operation; `answer` names the schema of what it gives, if there is one."""
    response: Document = {"description": summary}
    if answer:
        response["content"] = content({"$ref": f"#/components/schemas/{answer}"})
    made: Document = {
        "summary": summary,
        "responses": {str(status if answer else 204): response},
    }
    if body is not None:
        made["requestBody"] = {"required": is_needed, "content": content(body)}
    if parameters:
        made["parameters"] = parameters
    return made


def an_object(required: tuple[str, ...] = (), /, **properties: Document) -> Document:
    return {
        "type": "object",
        "properties": properties,
        "required": [*required],
        "additionalProperties": False,
    }


TEXT: Document = {"type": "string"}
INSTANT: Document = {"type": "string", "format": "date-time"}
COUNT: Document = {"type": "integer"}
FLAG: Document = {"type": "boolean"}
ANY: Document = {"type": "object"}
TEXTS: Document = {"type": "array", "items": TEXT}


def ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def several(name: str) -> Document:
    return {"type": "array", "items": ref(name)}


KEY = {
    "token": TEXT,
    "secret": TEXT,
    "scope": TEXT,
    "consumer": TEXT,
    "label": TEXT,
    "customer_id": {"type": ["integer", "null"]},
}
SCHEMAS: Document = {
    "Error": an_object(("error",), error=TEXT),
    "Overview": an_object(("dialects", "faults"), dialects=ANY, faults=ANY),
    "Key": an_object(
        (*KEY, "headers"),
        **KEY,
        headers={
            "type": "object",
            "additionalProperties": TEXT,
            "description": "of a client that has the key",
        },
    ),
    "Clock": an_object(("now", "is_frozen"), now=INSTANT, is_frozen=FLAG),
    "Shop": an_object(
        ("hash", "base_urls", "credentials", "clock", "snapshots"),
        hash=TEXT,
        base_urls={"type": "object", "additionalProperties": TEXT},
        credentials={
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": ref("Key"),
            },
        },
        clock=ref("Clock"),
        snapshots=TEXTS,
    ),
    "Shops": an_object(("shops",), shops=several("Shop")),
    "Seed": {"type": "object", "description": "As `address-gateway` exports a shop."},
    "Fields": {"type": "object", "description": "As a seed has one of its kind."},
    "Added": {"type": "object", "required": ["id", "public_id"]},
    "Customer": {"type": "object", "required": ["id", "public_id", "addresses"]},
    "Snapshots": an_object(("snapshots",), snapshots=TEXTS),
    "Fault": an_object(
        ("id", "fault", "left", "fired"),
        id=COUNT,
        fault=TEXT,
        dialect=TEXT,
        operation=TEXT,
        left={"type": ["integer", "null"]},
        probability={"type": "number"},
        seed=COUNT,
        fired=COUNT,
        options=ANY,
    ),
    "Faults": an_object(("faults",), faults=several("Fault")),
    "Entry": {"type": "object", "required": ["number", "operation", "status"]},
    "Journal": an_object(
        ("entries", "total", "forgotten"),
        entries=several("Entry"),
        total=COUNT,
        forgotten=COUNT,
    ),
    "Text": an_object(("text",), text=TEXT),
    "Verdict": an_object(("holds", "text"), holds=FLAG, text=TEXT),
}
NEW_SHOP = an_object(
    hash={"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"},
    name=TEXT,
    seed={"type": ["object", "string"], "description": "a seed, or one in YAML"},
    quirks={"type": "object", "additionalProperties": ANY},
)
NEW_KEY = an_object(
    ("dialect", "scope"),
    **{**KEY, "dialect": TEXT, "customer_id": {"type": "integer", "minimum": 1}},
)
NEW_FAULT = an_object(
    ("fault",),
    fault={**TEXT, "description": "DIALECT.NAME, or one of the transport"},
    dialect=TEXT,
    operation={**TEXT, "description": "a name, in which * stands for anything"},
    times={"type": "integer", "minimum": 1},
    probability={"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    seed=COUNT,
    options=ANY,
)
MOVE = an_object(
    ("action",),
    action={"enum": ["set", "advance", "freeze", "release"]},
    instant=INSTANT,
    seconds={"type": "number"},
)
CLAIM = an_object(
    ("operation",),
    operation=TEXT,
    times={"type": "integer", "minimum": 0},
    status={"type": "integer", "minimum": 100, "maximum": 599},
)
OF_ENTRIES = [
    in_query("operation", "string", "DIALECT.NAME, in which * stands for anything"),
    in_query("dialect", "string", "its entries only"),
    in_query("status", "integer", "answered with this status"),
    in_query("limit", "integer", "the newest so many; 0 for all"),
]
SHOP = "/_gateway/shops/{hash}"
SEEDING = operation("Let the shop hold a seed, and nothing else", "Shop")
SEEDING["requestBody"] = {
    "required": True,
    "content": content(ref("Seed"), JSON, "application/yaml"),
}
EXPORT = operation("The shop as a seed", "Seed")
EXPORT["responses"]["200"]["content"] = content(ref("Seed"), "application/yaml", JSON)
PATHS: Mapping[str, Mapping[str, Document]] = {
    "/_gateway/": {"get": operation("The dialects and their faults", "Overview")},
    "/_gateway/openapi.json": {
        "get": {
            "summary": "This document",
            "security": [],
            "responses": {"200": {"description": "It", "content": content(ANY)}},
        }
    },
    "/_gateway/shops": {
        "get": operation("Every shop", "Shops"),
        "post": operation(
            "Make a shop, with keys for all", "Shop", status=201, body=NEW_SHOP
        ),
    },
    SHOP: {
        "get": operation("A shop", "Shop"),
        "delete": operation("Remove a shop with everything in it"),
    },
    f"{SHOP}/seed": {"get": EXPORT, "put": SEEDING},
    f"{SHOP}/reset": {"post": operation("Bring back what the seed said")},
    f"{SHOP}/fork": {
        "post": operation(
            "Make a shop that holds the same",
            "Shop",
            status=201,
            body=an_object(hash=NEW_SHOP["properties"]["hash"]),
            is_needed=False,
        )
    },
    f"{SHOP}/snapshots": {"get": operation("What is kept", "Snapshots")},
    f"{SHOP}/snapshots/{{name}}": {
        "put": operation("Keep what the shop holds"),
        "delete": operation("Keep it no longer"),
    },
    f"{SHOP}/snapshots/{{name}}/restore": {"post": operation("Bring it back")},
    f"{SHOP}/keys": {"post": operation("Add a key", "Key", status=201, body=NEW_KEY)},
    f"{SHOP}/customers": {
        "post": operation(
            "Add a customer, past all APIs", "Customer", status=201, body=ref("Fields")
        )
    },
    f"{SHOP}/customers/{{id}}/addresses": {
        "post": operation(
            "Add an address, past all APIs", "Added", status=201, body=ref("Fields")
        )
    },
    f"{SHOP}/clock": {
        "get": operation("The shop's time", "Clock"),
        "patch": operation("Set, advance, freeze or release it", "Clock", body=MOVE),
    },
    f"{SHOP}/faults": {
        "get": operation("The faults that are injected", "Faults"),
        "post": operation("Inject a fault", "Fault", status=201, body=NEW_FAULT),
        "delete": operation("Remove all faults"),
    },
    f"{SHOP}/faults/{{id}}": {"delete": operation("Remove a fault")},
    f"{SHOP}/journal": {
        "get": operation("What was asked", "Journal", parameters=OF_ENTRIES),
        "delete": operation("Forget it"),
    },
    f"{SHOP}/journal/text": {
        "get": operation("The last entries, for a person to read", "Text")
    },
    f"{SHOP}/journal/assert": {
        "post": operation("Whether an operation was called", "Verdict", body=CLAIM)
    },
    "/_gateway/strays": {
        "get": operation("What no shop was asked", "Journal", parameters=OF_ENTRIES),
        "delete": operation("Forget it"),
    },
}
