"""The pages on which a user lets an application in, or does not.

They need nothing from elsewhere and no script, and are not to be framed or kept.
"""

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = "templates"
STYLE = (files(__package__) / TEMPLATES / "consent.css").read_text("utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

# What a policy can name; of other origins, as those with an IPv6 address, the scheme.
ORIGIN = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?=[/?#]|$)", re.IGNORECASE
)


def page(
    template: str, *, status: int = 200, redirects_to: str = "", **values: Any
) -> Response:
    """A page, whose forms may lead to where the user is sent on."""
    text = templates().get_template(template).render(values)
    response = Response(text, status=status, content_type="text/html; charset=UTF-8")
    response.headers.update(
        {
            "Cache-Control": "no-store",
            "Content-Security-Policy": policy(redirects_to),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
    )
    return response


def policy(redirects_to: str) -> str:
    """What a page may do. A redirect counts as a form's action (CSP 3, 6.4.2)."""
    found = ORIGIN.match(redirects_to)
    scheme = redirects_to.partition(":")[0]
    target = found[0] if found else f"{scheme}:" if redirects_to else ""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{STYLE_HASH}'",
            f"form-action 'self' {target}".rstrip(),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


@cache
def templates() -> Environment:
    """The templates, which escape what they show."""
    environment = Environment(
        loader=PackageLoader(__package__, TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["style"] = Markup(STYLE)
    return environment
