"""The server's own certificate."""

import datetime as dt
import ipaddress
import re
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chanplan.api.certificates import open_certificate
from chanplan.api.settings import CertificateFiles
from chanplan.model.errors import Misused
from tests.api.front import running

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


def made(folder, name="server", begins=NOW - DAY, ends=NOW + DAY, password=None):
    """Writes a certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    files = CertificateFiles(folder / f"{name}.crt", folder / f"{name}.key")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encryption = (
        serialization.NoEncryption()
        if password is None
        else serialization.BestAvailableEncryption(password.encode())
    )
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    )
    return files


def refused(files):
    """Returns why a certificate is refused."""
    with pytest.raises(Misused) as caught:
        open_certificate(files)
    assert caught.value.code == "tls_certificate"
    assert caught.value.remedy
    return caught.value.message


def test_a_server_with_a_certificate(tmp_path):
    """Whoever trusts it gets in."""
    files = made(tmp_path)
    with running(tls=files) as front:
        assert front.url.startswith("https://127.0.0.1:")
        front.context = ssl.create_default_context(cafile=files.certificate)
        assert front.client().get("/v1/ses-setup").status == 200
        (expires,) = re.findall(
            rb"^chanplan_tls_certificate_expires_seconds (\S+)$",
            front.client().get("/metrics").body,
            re.MULTILINE,
        )
        assert float(expires) == int((NOW + DAY).timestamp())
        front.context = ssl.create_default_context()
        with pytest.raises(ssl.SSLCertVerificationError):
            front.client().get("/healthz")


def test_old_versions_of_tls_are_refused(tmp_path):
    """From 1.2 on."""
    files = made(tmp_path)
    context = open_certificate(files).context
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_when_it_expires_is_known(tmp_path):
    """To the second."""
    assert open_certificate(made(tmp_path)).expires == (NOW + DAY).replace(microsecond=0)


def test_an_encrypted_key(tmp_path):
    """Its password comes from the environment, and stands in no error."""
    files = made(tmp_path, password="hunter2")
    told = refused(files)
    assert "is encrypted, and its password isn't given in CHANPLAN_TLS_KEY_PASSWORD" in told
    wrong = CertificateFiles(files.certificate, files.key, "hunter3")
    assert "its password is wrong" in refused(wrong)
    assert "hunter" not in refused(wrong)
    assert open_certificate(CertificateFiles(files.certificate, files.key, "hunter2")).context


def test_an_expired_certificate(tmp_path):
    """Told before the first request, not by it."""
    assert refused(made(tmp_path, begins=NOW - 2 * DAY, ends=NOW - DAY)).endswith("has expired.")


def test_a_certificate_that_isnt_valid_yet(tmp_path):
    """A clock that is wrong looks like this."""
    assert refused(made(tmp_path, begins=NOW + DAY, ends=NOW + 2 * DAY)).endswith("isn't valid yet.")


def test_a_key_of_another_certificate(tmp_path):
    """Told by name."""
    one, other = made(tmp_path, "one"), made(tmp_path, "other")
    assert "isn't the key of the certificate" in refused(CertificateFiles(one.certificate, other.key))


def test_files_that_are_no_certificate(tmp_path):
    """Each way to name the wrong file has its sentence."""
    files = made(tmp_path)
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("nonsense")
    assert "can't be used" in refused(CertificateFiles(nonsense, files.key))
    assert "can't be used" in refused(CertificateFiles(files.certificate, nonsense))
    assert "can't be read: No such file" in refused(CertificateFiles(tmp_path / "missing", files.key))
    assert "can't be read: Is a directory" in refused(CertificateFiles(files.certificate, tmp_path))
