"""Asks any server that claims to speak a dialect, and compares it with our own.

The same requests go to the target and to a gateway of our own, which holds what the
target shows. What two right servers may differ in is left out: the ids of what was made
meanwhile, the time it was made, and the host in a link. A value that is data there,
such as an empty text, is taken for data: only what is written tells otherwise.
"""

from gateway.verify.credentials import Access, CredentialsError, read_credentials
from gateway.verify.report import Outcome, Report, Verdict
from gateway.verify.run import VerifyError, selected, verify

__all__ = [
    "Access",
    "CredentialsError",
    "Outcome",
    "Report",
    "Verdict",
    "VerifyError",
    "read_credentials",
    "selected",
    "verify",
]
