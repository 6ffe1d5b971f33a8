"""Who signs in: AuthTokenSerializer of Django REST Framework."""

from core import Invalid
from dialects.base import Wire
from dialects.loading import Unsound, form
from dialects.staff.schemas import told

BODY = "dialects.staff.forms:SIGN_IN"


def decode_sign_in(wire: Wire) -> tuple[str, str]:
    """The name and the password in a body. Raises Invalid."""
    try:
        said = form(BODY).read(wire)
    except Unsound as unsound:
        raise Invalid(told(unsound)) from None
    return said["username"], said["password"]
