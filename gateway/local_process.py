"""The gateway of tests as a process of its own, which ends with the one that asked.

Its argument is how it is set, in JSON, as the fixture's marker says it. It prints where
its control side is, and serves until its standard input is closed.
"""

import json
import secrets
import sys

from gateway.local import LocalGateways, SettingError


def main() -> None:
    """Serve, and tell where."""
    with LocalGateways() as gateways:
        try:
            gateway = gateways.get(**json.loads(sys.argv[1]))
        except SettingError as error:
            print(json.dumps({"error": str(error)}), flush=True)
            return
        token = secrets.token_urlsafe(24)
        url = gateway.serve_control(token)
        print(json.dumps({"url": url, "token": token}), flush=True)
        sys.stdin.read()
