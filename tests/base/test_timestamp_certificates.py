"""When a certificate expires."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.timestamp import certificate_expiry
from kwatch.simulator.names import certificate

REAL = """-----BEGIN CERTIFICATE-----
MIIC/TCCAeWgAwIBAgIUe8kq2clf/X2scIrHRvAErg+yMcQwDQYJKoZIhvcNAQEL
BQAwDjEMMAoGA1UEAwwDd2ViMB4XDTI2MTIwMTA4NDYxMloXDTI2MTIzMTA4NDYx
MlowDjEMMAoGA1UEAwwDd2ViMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC
AQEAu+XfGv04I0z9QuNe9XJQerQpz02Iv2A6zxXGdiZkxawEJ7qhqBRt36Q1hTXm
sCBcMV1qY1hoFS9RhYWkLuLQrt79kTsAvHMFDg81qywpSONXA33VERHQrgzAijIo
qj/VZL3b/rYSZrnQa+TNB+KDdTThX+X5gaod+OjVxpUKhN+oX5wkEKOqR4vDIbHF
fgDD02Pr8aWbazw69zJMeyqBPg5l0EyX164sjl+ffPtcFVWDs1mcovqzC/E7JjFX
+AVgtB+mEs2PdbxzdzAdrl25zmgn8klqHf/keBoajM2K5NeFTMmLCOfxpPMHllDv
6j4umgmBUvCQSd/ydU/FojftWwIDAQABo1MwUTAdBgNVHQ4EFgQUw2a6nGNcqC6t
Ci1z9f1d1TtuzYowHwYDVR0jBBgwFoAUw2a6nGNcqC6tCi1z9f1d1TtuzYowDwYD
VR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAJmWBBIORr5hZIk8tDQDr
NNiFPDHYY6Hhnq9+jURYs4bh9qfOUMMesFf1HQjefE5WMhY/C0RuzgHsTPRk68Tg
JLDxOxkQ3FHctvqAODgDM4ycj3RJyr1i7M8N04tBPRy/uTYW+hZSqX+6KUslO/uZ
E9iaCX2zg4NWxOvJfOwdZzfEfHUO6bBnb2sgy6pgEkyL58sPQrcCI0jwIOXDdbAQ
SHdWn38bglbChwEb9L6FCL7YNPuO7TSaVwLYmjlAgD71F5pHGSLejmMFjRLnAdxY
lOJjMlv35jMKWc2h22I/UPRtvy+p4CyZIvpF3dInI/T3GEqwktqxaq1ieNYRA02W
IQ==
-----END CERTIFICATE-----
"""
"""Made by OpenSSL; its times have two digits for the year."""


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_real_certificate_is_read() -> None:
    assert certificate_expiry(encoded(REAL)) == 1_798_706_772  # 2026-12-31 08:46:12 UTC


def test_what_the_simulator_makes_is_read() -> None:
    assert certificate_expiry(encoded(certificate("web", 1_700_000_000, 1_790_000_000))) == 1_790_000_000


def test_the_first_of_a_chain_counts() -> None:
    chain = REAL + certificate("issuer", 0, 1_990_000_000)
    assert certificate_expiry(encoded(chain)) == 1_798_706_772


@pytest.mark.parametrize("text", ["", "no base64 at all!", encoded("no PEM"), encoded(REAL[:400])])
def test_what_is_none_has_no_expiry(text: str) -> None:
    assert certificate_expiry(text) is None


@given(st.binary(max_size=400), st.integers(0, 764))
def test_bytes_that_are_none_raise_nothing(noise: bytes, at: int) -> None:
    der = base64.b64decode("".join(REAL.splitlines()[1:-1]))
    for body in (noise, der[:at] + noise, der[:at] + noise + der[at + len(noise) :]):
        text = base64.b64encode(body).decode()
        found = certificate_expiry(encoded(f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----"))
        assert found is None or isinstance(found, float)
