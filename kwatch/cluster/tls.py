"""TLS as Go's client does it: verified unless told otherwise, against the cluster's authority if it names one."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from kwatch.cluster.credentials.credential import Credential
from kwatch.cluster.settings import TLSTrust
from kwatch.informer.errors import ApiError


def tls_context(trust: TLSTrust, credential: Credential) -> ssl.SSLContext:
    """A context for this trust and client certificate; raise ApiError (`TLS`, `Credentials`) if one is unusable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    if trust.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust_authorities(context, trust)
    if credential.certificate is not None and credential.key is not None:
        _load_certificate(context, credential.certificate, credential.key)
    return context


def _trust_authorities(context: ssl.SSLContext, trust: TLSTrust) -> None:
    # Any certificate that is named as an authority ends the chain, also an intermediate or the server's own: Go does
    # so, and kubeconfigs rely on it. VERIFY_X509_STRICT, which Python 3.13 and urllib3 set by default, stays unset: it
    # refuses authorities without a key usage extension, and many clusters made their own that way. Chain, dates, names
    # and signatures are verified all the same.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    try:
        if trust.authority_data is not None:
            context.load_verify_locations(cadata=trust.authority_data.decode("ascii"))
        elif trust.authority_file is not None:
            context.load_verify_locations(cafile=trust.authority_file)
        else:
            context.load_default_certs()
    except (OSError, ValueError) as error:
        where = f"file {trust.authority_file}" if trust.authority_data is None else "in the kubeconfig"
        reason = error.strerror if isinstance(error, FileNotFoundError) else "it holds no certificates in PEM form"
        raise ApiError(0, "TLS", f"The certificate authority {where} cannot be used: {reason}.") from error


def _load_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    # The ssl module loads certificates from files only, so they are in one, readable by us alone, for that long.
    descriptor, path = tempfile.mkstemp(prefix="kwatch-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.rstrip() + b"\n" + certificate)
        context.load_cert_chain(path, password=_no_password)
    except (OSError, ValueError) as error:
        reason = "it is not PEM, or the key does not belong to the certificate"
        if isinstance(error, _Encrypted):
            reason = "its key is encrypted; kwatch cannot ask for the password"
        raise ApiError(0, "Credentials", f"The client certificate cannot be used: {reason}.") from error
    finally:
        Path(path).unlink()


class _Encrypted(ValueError):
    pass


def _no_password() -> str:
    raise _Encrypted
