"""What the doctor finds around the gateway, and what it says to do."""

import json
import os
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core import Store, schema
from gateway.cli import doctor_files
from tests.gateway.cli import fresh, home, initialized, run
from tests.gateway.test_cli_dialects import free_port, problems

__all__ = ["fresh", "home", "initialized"]


@pytest.mark.usefixtures("initialized")
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil._ntuple_diskusage(10**9, 10**9 - 5, 5)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)

    assert problems() == {"disk": "make room: 200 MB are enough for a log and a copy"}


def test_files_that_others_can_read_are_told(initialized: Path) -> None:
    (initialized / "var" / "gateway.db-wal").touch(mode=0o644)
    (initialized / "var" / "gateway.db-wal").chmod(0o644)

    assert problems() == {"permissions": "run `chmod 600 var/gateway.db-wal`"}


def test_files_of_another_user_are_told(
    initialized: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = initialized / "var" / "gateway.db-wal"
    beside.touch(mode=0o600)
    found, access = "gateway.db-wal", os.access
    monkeypatch.setattr(
        os, "access", lambda one, mode: Path(one).name != found and access(one, mode)
    )

    assert problems() == {
        "permissions": "run `chown --reference=var/gateway.db var/gateway.db-wal`"
    }


def test_a_file_of_ones_own_that_cannot_be_written_is_told(
    initialized: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = initialized / "var" / "gateway.db"
    file.chmod(0o400)
    # The superuser may write what nobody may.
    access = os.access
    monkeypatch.setattr(
        os,
        "access",
        lambda one, mode: Path(one).name != file.name and access(one, mode),
    )

    assert problems() == {"permissions": "run `chmod 600 var/gateway.db`"}


def test_a_file_system_that_can_only_be_read_is_told_and_not_served(
    initialized: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = list(os.statvfs(initialized))
    status[8] = os.ST_RDONLY
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result(status))
    advice = "look for the reason in `dmesg`, and mount it so that it can be written"

    assert problems() == {"permissions": advice}

    result = run("serve")
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: var is on a file system that can only be read; {advice}\n"
    )


def test_a_log_that_is_not_written_back_is_told(
    initialized: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (initialized / "var" / "gateway.db-wal").touch(mode=0o600)
    monkeypatch.setattr(doctor_files, "LARGE_WAL", -1)

    assert list(problems()) == ["log of writes"]


def write_certificate(days: int, begins: int = -1) -> None:
    """A certificate and its key, in cert.pem and key.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(1)
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    Path("cert.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    Path("key.pem").write_bytes(private)
    Path("key.pem").chmod(0o600)


@pytest.mark.usefixtures("initialized")
def test_a_certificate_that_ends_soon_is_told() -> None:
    files = ("--tls-certificate", "cert.pem", "--tls-key", "key.pem")
    found = []
    for days, begins in ((60, -1), (13, -1), (60, 1)):
        write_certificate(days, begins)
        found.append(problems(*files))

    assert found == [
        {},
        {"certificate": "renew it, and send the server SIGHUP"},
        {"certificate": "set this machine's clock, or wait"},
    ]


@pytest.mark.usefixtures("initialized")
def test_a_certificate_of_another_key_is_told() -> None:
    write_certificate(60)
    key = Path("key.pem").read_bytes()
    write_certificate(60)
    Path("key.pem").write_bytes(key)

    found = problems("--tls-certificate", "cert.pem", "--tls-key", "key.pem")

    assert list(found) == ["certificate"]


@pytest.mark.usefixtures("initialized")
def test_redis_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"redis://127.0.0.1:{free_port()}"
    monkeypatch.setenv("ADDRESS_GATEWAY_REDIS_URL", url)

    found = problems()

    assert list(found) == ["Redis"]
    assert found["Redis"].startswith("start it, or correct ADDRESS_GATEWAY_REDIS_URL")


@pytest.mark.usefixtures("initialized")
def test_ports_of_a_server_that_runs_are_not_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        stopped = run("doctor", "--port", free_port(), "--operations-port", port)
        serving = run("doctor", "--serving", "--operations-port", port)

    assert (stopped.exit_code, serving.exit_code) == (1, 0)
    assert f"problem  port: {port} of 127.0.0.1: Address already" in stopped.stdout


@pytest.mark.usefixtures("home")
def test_postgresql_is_asked_what_serving_needs(postgresql: str) -> None:
    store = Store(postgresql)
    schema.upgrade(store.database)
    store.close()
    joint = "&" if "?" in postgresql else "?"

    def found(*arguments: str, more: str = "") -> dict[str, tuple[bool, str]]:
        url = f"{postgresql}{joint}{more}" if more else postgresql
        result = run("doctor", "--serving", "--database", url, "--json", *arguments)
        return {
            one["check"]: (one["is_ok"], one["to_do"])
            for one in json.loads(result.stdout)
        }

    well = found()
    few = found("--workers", "50")["PostgreSQL"]
    endless = found(more="options=-c%20statement_timeout%3D0")["PostgreSQL"]
    reading = found(more="options=-c%20default_transaction_read_only%3Don")

    assert well["PostgreSQL"] == (True, "")
    assert well["PostgreSQL's clock"] == (True, "")
    assert few == (
        False,
        "raise max_connections, or lower pool_size in the URL or --workers",
    )
    assert endless[1].startswith("take `options` out of the URL")
    assert reading["PostgreSQL"] == (False, "let the URL name the server that writes")
