"""E-mail addresses, as EmailField and the EmailValidator of Django take them."""

import ipaddress
import re

LONGEST = 254
"""The longest e-mail (RFC 5321, 4.5.3.1.3, less the brackets)."""

# RFC 5322, 3.2.3 and 3.2.4: a dot-atom, or a quoted string, which has no blanks here.
ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
QUOTABLE = r"[\x01-\x08\x0b\x0c\x0e-\x1f!#-\[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f]"
LOCAL = rf"{ATOM}(?:\.{ATOM})*|\"(?:{QUOTABLE})*\""

# Labels of up to 63 characters, those of other scripts included (RFC 5890, 2.3.2.1);
# the last has two at least, and a letter if it is in ASCII.
SCRIPTS = "\u00a1-\uffff"
EDGE = f"[a-z0-9{SCRIPTS}]"
LABEL = f"{EDGE}(?:[a-z0-9{SCRIPTS}-]{{0,61}}{EDGE})?"
TOP = f"(?!-)(?:[a-z{SCRIPTS}-]{{2,63}}|xn--[a-z0-9]{{1,59}})(?<!-)"
DOMAIN = rf"(?:{LABEL}\.)+{TOP}"
LITERAL = re.compile(r"\[([a-f0-9:.]+)\]", re.IGNORECASE)


def is_email(text: str) -> bool:
    """Whether the text is an e-mail address, by its form."""
    local, at, domain = text.rpartition("@")
    # To compile them takes a while, which a server that starts can save.
    if not at or len(text) > 320 or not re.fullmatch(LOCAL, local, re.IGNORECASE):
        return False
    if domain == "localhost" or re.fullmatch(DOMAIN, domain, re.IGNORECASE):
        return True
    literal = LITERAL.fullmatch(domain)
    return literal is not None and is_ip_address(literal[1])


def is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
