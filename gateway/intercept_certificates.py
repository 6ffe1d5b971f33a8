"""The private authority that vouches for intercepted hosts, to one command only.

It is never installed anywhere: who is to trust it is told its file. Its extensions are
those that RFC 5280 demands, as OpenSSL's strict check does, too.
"""

import fcntl
import os
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY = "address-gateway intercept"
HOSTS = "address-gateway intercepted hosts"
"""The subject, which differs from the issuer: else this were a self-signed one."""

AUTHORITY_LIFE = timedelta(days=3650)
HOSTS_LIFE = timedelta(days=397)
SKEW = timedelta(days=1)


class DamagedAuthority(Exception):
    """The files of the authority cannot be used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """Who signs for hosts; `file` is what to trust."""

    file: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def server_context(self, hosts: Sequence[str]) -> ssl.SSLContext:
        """TLS for a server that is these hosts, and this machine.

        The hosts' key is made anew for each context, and not kept.
        """
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.set_alpn_protocols(["http/1.1"])
        key = ec.generate_private_key(ec.SECP256R1())
        pem = private_pem(key) + host_certificate(self, key, hosts)
        with NamedTemporaryFile(dir=self.file.parent) as file:
            file.write(pem)
            file.flush()
            context.load_cert_chain(file.name)
        return context


def authority_in(directory: Path) -> Authority:
    """The directory's authority, made if there is none that lives long enough."""
    file, key_file = directory / "ca.pem", directory / "ca.key"
    make_private(directory)
    with locked(directory):
        found = read_authority(file, key_file) if file.exists() else None
        if found and expires(found) > datetime.now(UTC) + HOSTS_LIFE:
            return found
        made = new_authority(file)
        key_file.unlink(missing_ok=True)
        write_new(key_file, private_pem(made.key), mode=0o600)
        # Last, and at once: with it the authority is there.
        draft = directory / "ca.new"
        draft.unlink(missing_ok=True)
        write_new(draft, made.certificate.public_bytes(Encoding.PEM), mode=0o644)
        draft.replace(file)
        return made


def make_private(directory: Path) -> None:
    """Make the directory and those above it, all nobody else's to read."""
    for folder in (*reversed(directory.parents), directory):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_new(file: Path, content: bytes, *, mode: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def read_authority(file: Path, key_file: Path) -> Authority:
    advice = f"{file} and {key_file} are no pair; delete both, and new ones are made"
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        key = load_pem_private_key(key_file.read_bytes(), password=None)
    except (FileNotFoundError, ValueError) as error:
        raise DamagedAuthority(advice) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise DamagedAuthority(advice)
    if certificate.public_key() != key.public_key():
        raise DamagedAuthority(advice)
    return Authority(file=file, certificate=certificate, key=key)


def expires(authority: Authority) -> datetime:
    return authority.certificate.not_valid_after_utc


def new_authority(file: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        drafted(AUTHORITY, key.public_key(), AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(signs_certificates=True), critical=True)
    )
    return Authority(file=file, certificate=builder.sign(key, SHA256()), key=key)


def host_certificate(
    authority: Authority, key: ec.EllipticCurvePrivateKey, hosts: Sequence[str]
) -> bytes:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(
        authority.key.public_key()
    )
    names = [x509.DNSName(host) for host in dict.fromkeys([*hosts, "localhost"])]
    here = x509.IPAddress(ip_address("127.0.0.1"))
    builder = (
        drafted(HOSTS, key.public_key(), HOSTS_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(x509.SubjectAlternativeName([*names, here]), critical=False)
        .add_extension(issuer, critical=False)
    )
    return builder.sign(authority.key, SHA256()).public_bytes(Encoding.PEM)


def drafted(
    subject: str, key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(AUTHORITY))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
