"""The server's certificate: read, tried out, and refused with a sentence when it can't serve."""

import contextlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chanplan.api.settings import CertificateFiles
from chanplan.model.errors import Misused

PASSWORD_VARIABLE = "CHANPLAN_TLS_KEY_PASSWORD"  # noqa: S105 - the variable's name
_EXPIRED = 10
_NOT_YET_VALID = 9
"""OpenSSL's verification results."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that serves."""

    context: ssl.SSLContext
    expires: datetime


def open_certificate(files: CertificateFiles) -> Certificate:
    """Read a certificate and its key, and try them out on a handshake in memory.

    Raises:
        Misused: they can't be read, don't belong together, or aren't valid now.
    """
    for path, what in ((files.certificate, "certificate"), (files.key, "key")):
        _check_readable(path, what)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # Asked for a password, OpenSSL would otherwise wait for one at the terminal.
        context.load_cert_chain(files.certificate, files.key, lambda: files.password or "")
    except ssl.SSLError as error:
        raise _unusable(files, error) from error
    return Certificate(context, _expiry(context, files))


def _check_readable(path: Path, what: str) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        raise Misused(
            f"The TLS {what} {path} can't be read: {error.strerror}.",
            remedy=f"Name a PEM file that this user may read with --tls-{'cert' if what == 'certificate' else 'key'}.",
            code="tls_certificate",
        ) from error


def _unusable(files: CertificateFiles, error: ssl.SSLError) -> Misused:
    reason = (error.reason or "").upper()
    if "MISMATCH" in reason:
        return Misused(
            f"The TLS key {files.key} isn't the key of the certificate {files.certificate}.",
            remedy="Name the key that the certificate was asked for with.",
            code="tls_certificate",
        )
    if b"ENCRYPTED" in files.key.read_bytes():
        said = "is wrong" if files.password else f"isn't given in {PASSWORD_VARIABLE}"
        return Misused(
            f"The TLS key {files.key} is encrypted, and its password {said}.",
            remedy=f"Set {PASSWORD_VARIABLE}, or decrypt the key: `openssl pkey -in {files.key} -out FILE`.",
            code="tls_certificate",
        )
    return Misused(
        f"The TLS certificate {files.certificate} and key {files.key} can't be used: "
        f"{reason.replace('_', ' ').lower() or 'they are no PEM files'}.",
        remedy="Name PEM files: the server's certificate first, the ones that vouch for it after it.",
        code="tls_certificate",
    )


def _expiry(context: ssl.SSLContext, files: CertificateFiles) -> datetime:
    """Shake hands with the certificate, and believe it alone: what remains to be wrong is its time."""
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname = False
    asking.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        asking.load_verify_locations(files.certificate)
        told = _handshake(context, asking)
    except ssl.SSLCertVerificationError as error:
        said = {_EXPIRED: "has expired", _NOT_YET_VALID: "isn't valid yet"}.get(
            error.verify_code, f"can't be used: {error.verify_message}"
        )
        raise Misused(
            f"The TLS certificate {files.certificate} {said}.",
            remedy="Renew it, and start again; look at this machine's clock, too.",
            code="tls_certificate",
        ) from error
    except ssl.SSLError as error:
        raise _unusable(files, error) from error
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told)), UTC)


def _handshake(context: ssl.SSLContext, asking: ssl.SSLContext) -> object:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = asking.wrap_bio(to_client, to_server)
    for _ in range(10):
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
            return (client.getpeercert() or {}).get("notAfter")
        with contextlib.suppress(ssl.SSLWantReadError):
            server.do_handshake()
    raise ssl.SSLError("The handshake came to no end.")
