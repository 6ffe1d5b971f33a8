"""The files that the import is measured with: always the same."""

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from benchmarks.data import NAMES, SEED, sizes
from core.places import data

STREETS = ("Analytical Engine Row", "Difference Lane", "Loom Street", "Abacus Avenue")


def write_files(folder: Path, addresses: int) -> dict[str, Path]:
    """The files to import, and the number of customers."""
    chance = random.Random(SEED)
    cities = us_cities()
    owners = [
        owner for owner, size in enumerate(sizes(addresses), 1) for _ in range(size)
    ]
    files = {name: folder / f"{name}.jsonl" for name in ("customers", "addresses")}
    with files["customers"].open("wb") as out:
        for number in range(1, owners[-1] + 1):
            out.write(line(customer(number)))
    with files["addresses"].open("wb") as out:
        before = 0
        for number, owner in enumerate(owners, 1):
            out.write(line(address(number, owner, owner != before, cities, chance)))
            before = owner
    return files


def line(record: dict[str, Any]) -> bytes:
    return orjson.dumps(record) + b"\n"


def us_cities() -> list[tuple[str, str, str]]:
    """The name of each city of the United States, with its state's code and name."""
    states = {
        row["id"]: (row["code"], row["name"])
        for row in data("regions.csv")
        if row["country"] == "1"
    }
    return [
        (row["name"], *states[row["region"]])
        for row in data("cities.csv.gz")
        if row["region"] in states
    ]


def customer(number: int) -> dict[str, Any]:
    return {
        "type": "customer",
        "id": number,
        "public_id": f"cus_{number:020d}",
        "first_name": NAMES[number % len(NAMES)],
        "last_name": f"Lovelace-{number % 1000}",
        "email": f"customer-{number}@example.com",
        "created_at": instant(number),
        "updated_at": instant(number),
    }


def address(
    number: int,
    owner: int,
    is_first: bool,
    cities: Sequence[tuple[str, str, str]],
    chance: random.Random,
) -> dict[str, Any]:
    """An address as an export has it; a customer's first is the default for both."""
    city, region_code, region = chance.choice(cities)
    roles = {"default_billing": True, "default_shipping": True} if is_first else {}
    return {
        "type": "address",
        "id": number,
        "public_id": f"adr_{number:020d}",
        "customer_id": owner,
        "first_name": NAMES[number % len(NAMES)],
        "last_name": f"Lovelace-{owner % 1000}",
        "postal_code": f"{chance.randint(10000, 99999)}",
        "phone": f"212 555 {chance.randint(0, 9999):04d}",
        "street": [
            f"{chance.randint(1, 9999)} {chance.choice(STREETS)}",
            f"Flat {number % 50}",
        ],
        "city": city,
        "region": region,
        "region_code": region_code,
        "country": "US",
        **roles,
        "created_at": instant(number),
        "updated_at": instant(number + chance.randint(0, 10**6)),
    }


def instant(seconds: int) -> str:
    told = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1_700_000_000 + seconds))
    return f"{told}.{seconds % 10**6:06d}Z"
