"""What the doctor asks of files: the database's, the certificate's, the limits'."""

import os
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.cli.findings import Finding

MB = 2**20
LEAST_FREE = 200 * MB
LARGE_WAL = 64 * MB
"""The store has SQLite empty its log at 16 MB; a reader that stays can prevent that."""

OF_ONE = ("", "-wal", "-shm", "-journal", "-turn")
SUFFIXES = (*OF_ONE, "-served", *(f"-nonces{suffix}" for suffix in OF_ONE))
"""SQLite's files beside a database, and ours."""

SOON = timedelta(days=14)
"""A certificate of 90 days is renewed 30 days before its end, by most programs."""


def check_disk(file: Path) -> Finding:
    """Whether the disk has room for the database's log, and for a copy of it."""
    usage = shutil.disk_usage(file.parent)
    needed = max(LEAST_FREE, 2 * file.stat().st_size)
    detail = f"{usage.free // MB} MB are free at {file.parent}"
    if usage.free >= needed:
        return Finding("disk", True, detail)
    advice = f"make room: {needed // MB} MB are enough for a log and a copy"
    return Finding("disk", False, detail, advice)


def check_permissions(file: Path) -> Finding:
    """Whether this user can write the database, and others cannot read it."""
    check = "permissions"
    if (found := unwritable(file)) is not None:
        return Finding(check, False, *found)
    owner = file.stat().st_uid
    for one in files_of(file):
        status = one.stat()
        if status.st_uid != owner:
            return Finding(check, False, *of_another(one, file))
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            detail = f"others can read {one}"
            return Finding(check, False, detail, f"run `chmod 600 {one}`")
    return Finding(
        check, True, f"{len(files_of(file))} files that are this user's alone"
    )


def unwritable(file: Path) -> tuple[str, str] | None:
    """Why this user cannot write a database, and what to do; None if that is possible.

    SQLite reads such a file, as far as it can, and says nothing before it is to write.
    """
    folder = file.parent
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        advice = (
            "look for the reason in `dmesg`, and mount it so that it can be written"
        )
        return f"{folder} is on a file system that can only be read", advice
    if not os.access(folder, os.W_OK | os.X_OK):
        advice = f"run the server as who owns {folder}, or let it write there"
        return f"{folder} cannot be written", advice
    for one in files_of(file):
        if os.access(one, os.R_OK | os.W_OK):
            continue
        if one.stat().st_uid == os.geteuid() and one.stat().st_mode & 0o600 != 0o600:
            return f"{one} cannot be written", f"run `chmod 600 {one}`"
        return of_another(one, file)
    return None


def files_of(file: Path) -> list[Path]:
    """Those files of a database that there are."""
    beside = (file.with_name(file.name + suffix) for suffix in SUFFIXES)
    return [one for one in beside if one.exists()]


def of_another(one: Path, file: Path) -> tuple[str, str]:
    """That a file is not the user's who serves the database, and what to do."""
    detail = f"{one} is another user's, as if a command was run by root"
    if one == file:
        return detail, f"run the server as who owns {file}"
    return detail, f"run `chown --reference={file} {one}`"


def check_wal(file: Path) -> Finding:
    """Whether SQLite can write its log back to the database."""
    wal = file.with_name(f"{file.name}-wal")
    size = wal.stat().st_size if wal.exists() else 0
    detail = f"{size // MB} MB"
    if size <= LARGE_WAL:
        return Finding("log of writes", True, detail)
    advice = f"end what reads for long; `fuser -v {file}` tells who has it open"
    return Finding("log of writes", False, f"{detail} in {wal}", advice)


def check_limits(url: str) -> Finding:
    """Whether the files that count requests are this user's alone."""
    from dialects.limits import FileLimits

    try:
        FileLimits.for_database(url)
    except OSError as error:
        reason = str(error)
        advice = "remove it, or let TMPDIR name a directory that is this user's alone"
        return Finding("limits", False, reason, advice)
    return Finding("limits", True, "counted in files of this user's")


def check_certificate(certificate: Path, key: Path) -> Finding:
    """Whether the certificate belongs to its key, and lasts."""
    from cryptography import x509

    from gateway.server import certificate_problem

    check = "certificate"
    problem = certificate_problem(certificate, key)
    if problem:
        advice = "give the certificate with its chain, and its key, as PEM files"
        return Finding(check, False, problem, advice)
    if key.stat().st_mode & stat.S_IRWXO:
        return Finding(check, False, f"all can read {key}", f"run `chmod o= {key}`")
    [leaf, *_] = x509.load_pem_x509_certificates(certificate.read_bytes())
    ends = leaf.not_valid_after_utc
    detail = f"lasts until {ends:%Y-%m-%d %H:%M} UTC"
    now = datetime.now(UTC)
    if leaf.not_valid_before_utc > now:
        detail = f"begins at {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        return Finding(check, False, detail, "set this machine's clock, or wait")
    if ends < now + SOON:
        advice = "renew it, and send the server SIGHUP"
        return Finding(check, False, detail, advice)
    return Finding(check, True, detail)
