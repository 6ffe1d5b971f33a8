"""What the control side cannot do; each text says what it can."""


class ControlError(ValueError):
    """What was asked for is not there, or cannot be; the text says what is."""


class NotHere(ControlError):
    """No shop or snapshot has the name; the text says which there are."""
