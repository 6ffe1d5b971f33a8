"""What servers of a thread for each connection share, which handle faults or tests."""

import struct
import sys
from typing import Any

from werkzeug.serving import WSGIRequestHandler

RST = struct.pack("ii", 1, 0)
"""SO_LINGER: on, and for no time, so that a close resets the connection."""


class Quiet(WSGIRequestHandler):
    """Answers without a line in the log for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Only what goes wrong is said."""
        if type == "error":
            sys.stderr.write(f"gateway: {message % args}\n")
