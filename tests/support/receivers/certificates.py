"""Certificates for a run: an authority that weir is told to trust, a server's that it signs, and one that nobody signs."""

import datetime
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    def __init__(self, directory):
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certificate("receivers' authority", self._key.public_key(), "receivers' authority", self._key, True)
        (directory / "authority.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    @staticmethod
    def _certificate(subject, key, issuer, signer, is_authority):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named(issuer))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if not is_authority:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        return builder.sign(signer, hashes.SHA256())

    def server_context(self, is_trusted=True):
        """The TLS of a server that is called localhost."""
        key = ec.generate_private_key(ec.SECP256R1())
        signer = self._key if is_trusted else key
        issuer = "receivers' authority" if is_trusted else "localhost"
        certificate = self._certificate("localhost", key.public_key(), issuer, signer, False)
        pem = self._directory / ("server.pem" if is_trusted else "stranger.pem")
        pem.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context
