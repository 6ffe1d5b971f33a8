"""The place tables are complete, consistent and only ever grow."""

import csv
import gzip
import hashlib
import io
from collections import defaultdict
from importlib.resources import files

import pycountry
import pytest

# The header and the rows that have shipped: how many, and their SHA-256.
SHIPPED = {
    "countries.csv": (
        249,
        "35514c6e6752eb63e312aa97f6527ee8c033e38c6992f0a4297add792cbcf986",
    ),
    "regions.csv": (
        3710,
        "3473407fe85db0a911f81da8c071b1ccf482ef8387a1bf1bd1bed3e0b37b8eee",
    ),
    "cities.csv.gz": (
        33770,
        "259bb295adec522348c748b30645b2755aef8d2f91db6e80419c8b74d4dcde16",
    ),
}

# ISO 3166-2 lists these groups above the divisions that addresses name. The table
# has their parts and not the groups. There is no other difference.
GROUPS = {
    *("CV-B", "CV-S"),
    *("DO-33", "DO-34", "DO-35", "DO-36", "DO-37"),
    *("DO-38", "DO-39", "DO-40", "DO-41", "DO-42"),
    *("GQ-C", "GQ-I"),
    *("GW-L", "GW-N", "GW-S"),
    *("ID-JW", "ID-KA", "ID-ML", "ID-NU", "ID-PP", "ID-SL", "ID-SM"),
    "IQ-KR",
    *("KN-K", "KN-N"),
    *("MH-L", "MH-T"),
}


def read(name):
    data = (files("core") / "data" / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def rows(name):
    return list(csv.DictReader(io.StringIO(read(name).decode(), newline="")))


@pytest.fixture(scope="module")
def countries():
    return rows("countries.csv")


@pytest.fixture(scope="module")
def regions():
    return rows("regions.csv")


@pytest.fixture(scope="module")
def cities():
    return rows("cities.csv.gz")


@pytest.fixture(scope="module")
def region_codes(countries, regions):
    """The ISO 3166-2 code of each region id."""
    country = {row["id"]: row["code"] for row in countries}
    return {row["id"]: f"{country[row['country']]}-{row['code']}" for row in regions}


def codes_of(country, region_codes):
    return {code for code in region_codes.values() if code.startswith(f"{country}-")}


@pytest.mark.parametrize("name", SHIPPED)
def test_rows_that_have_shipped_never_change(name):
    count, digest = SHIPPED[name]
    lines = read(name).splitlines(keepends=True)[: count + 1]
    assert len(lines) == count + 1
    assert hashlib.sha256(b"".join(lines)).hexdigest() == digest


@pytest.mark.parametrize("name", SHIPPED)
def test_ids_count_up_from_one_without_gaps(name):
    ids = [row["id"] for row in rows(name)]
    assert ids == [str(number) for number in range(1, len(ids) + 1)]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_name_is_there_and_trimmed(name):
    names = [row["name"] for row in rows(name)]
    assert all(names)
    assert [text for text in names if text != " ".join(text.split())] == []


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("countries.csv", ["id", "code", "name"]),
        ("regions.csv", ["id", "country", "code", "name"]),
        ("cities.csv.gz", ["id", "region", "name"]),
    ],
)
def test_each_table_has_its_columns(name, columns):
    assert list(rows(name)[0]) == columns


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("countries.csv", ["code"]),
        ("countries.csv", ["name"]),
        ("regions.csv", ["country", "code"]),
        ("regions.csv", ["country", "name"]),
        ("cities.csv.gz", ["region", "name"]),
    ],
)
def test_no_two_rows_share_a_key_in_any_letter_case(name, columns):
    keys = [tuple(row[column].casefold() for column in columns) for row in rows(name)]
    assert len(set(keys)) == len(keys)


def test_the_packed_cities_carry_no_time_and_no_file_name():
    header = (files("core") / "data" / "cities.csv.gz").read_bytes()[:8]
    assert header == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


def test_country_one_is_the_united_states(countries):
    assert countries[0] == {"id": "1", "code": "US", "name": "United States"}


def test_country_two_is_canada(countries):
    assert countries[1] == {"id": "2", "code": "CA", "name": "Canada"}


def test_the_countries_are_those_of_iso_3166_1(countries):
    assert len(countries) == 249
    iso = {country.alpha_2 for country in pycountry.countries}
    assert {row["code"] for row in countries} == iso


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("GB", "United Kingdom"),
        ("KR", "South Korea"),
        ("VN", "Vietnam"),
        ("BO", "Bolivia"),
        ("IR", "Iran"),
    ],
)
def test_countries_go_by_their_common_english_names(code, name, countries):
    assert {row["code"]: row["name"] for row in countries}[code] == name


def test_every_region_lies_in_a_listed_country(countries, regions):
    assert {row["country"] for row in regions} <= {row["id"] for row in countries}


def test_every_city_lies_in_a_listed_region(regions, cities):
    assert {row["region"] for row in cities} <= {row["id"] for row in regions}


def test_the_regions_are_those_of_iso_3166_2_with_groups_split(region_codes):
    parts = defaultdict(set)
    for division in pycountry.subdivisions:
        parts[division.parent_code].add(division.code)
    split = set().union(*(parts[group] for group in GROUPS))
    assert set(region_codes.values()) == (parts[None] - GROUPS) | split


@pytest.mark.parametrize(
    ("country", "count"), [("US", 57), ("CA", 13), ("DE", 16), ("GB", 4), ("ID", 38)]
)
def test_a_country_has_all_its_regions(country, count, region_codes):
    assert len(codes_of(country, region_codes)) == count


def test_the_united_states_include_the_district_and_the_territories(region_codes):
    territories = {f"US-{code}" for code in ["DC", "AS", "GU", "MP", "PR", "UM", "VI"]}
    assert territories <= codes_of("US", region_codes)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("US-NY", "New York"),
        ("US-TX", "Texas"),
        ("US-DC", "District of Columbia"),
        ("US-PR", "Puerto Rico"),
        ("CA-ON", "Ontario"),
        ("DE-BY", "Bavaria"),
        ("CN-NM", "Inner Mongolia"),
        ("IR-23", "Tehran"),
        ("MA-06", "Casablanca-Settat"),
    ],
)
def test_a_region_code_goes_with_its_name(code, name, regions, region_codes):
    assert {region_codes[row["id"]]: row["name"] for row in regions}[code] == name


def test_there_are_between_25_and_35_thousand_cities(cities):
    assert 25_000 <= len(cities) <= 35_000


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("US-NY", "New York City"),
        ("US-CA", "Los Angeles"),
        ("US-CA", "San Jose"),
        ("US-TX", "Austin"),
        ("US-OH", "Akron"),
        ("US-PA", "Philadelphia"),
        ("US-PR", "San Juan"),
        ("CA-ON", "Toronto"),
        ("GB-ENG", "London"),
        ("IR-23", "Tehran"),
        ("ID-JK", "Jakarta"),
        ("CN-HK", "Hong Kong"),
        ("CN-MO", "Macau"),
        ("SG-01", "Singapore"),
    ],
)
def test_a_city_lies_in_its_region(region, name, cities, region_codes):
    homes = {region_codes[row["region"]] for row in cities if row["name"] == name}
    assert region in homes


@pytest.mark.parametrize(
    ("region", "name"),
    [("US-MO", "Macau"), ("BR-PR", "San Juan"), ("US-GA", "Tbilisi")],
)
def test_a_country_is_not_taken_for_a_region_of_like_code(
    region, name, cities, region_codes
):
    homes = {region_codes[row["region"]] for row in cities if row["name"] == name}
    assert homes
    assert region not in homes
