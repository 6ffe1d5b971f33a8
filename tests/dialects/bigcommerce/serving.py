"""The gateway of `sending.served`: `serving.py PORT WORKERS`; the rest is environ."""

import os
import sys

from flask import Flask

from dialects.bigcommerce import DIALECT
from gateway.app import create_app
from gateway.config import Config
from gateway.server import serve


def app() -> Flask:
    """What each worker serves."""
    return create_app(Config.from_environ(os.environ), dialects=[DIALECT])


if __name__ == "__main__":
    port, workers = map(int, sys.argv[1:])
    serve("serving:app", host="127.0.0.1", port=port, workers=workers)
