"""The control side over HTTP, for clients in any language (see `openapi.py`)."""

import hmac

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

# These put their views on the blueprint.
import gateway.control.api_happenings
import gateway.control.api_shops  # noqa: F401
from gateway.control import Control, ControlError, FaultError, NotHere, SeedError
from gateway.control.api_parts import BadRequest, answer, blueprint, control
from gateway.control.clock import ClockError
from gateway.control.faults import TRANSPORT
from gateway.control.openapi import document

ROOT = "/_gateway"
MOST_BYTES = 16 * 2**20


def create_api(control: Control, token: str) -> Flask:
    """The WSGI app of the control side, for who has the token."""
    app = Flask("gateway.control", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.extensions["control"], app.extensions["token"] = control, token
    app.register_blueprint(blueprint, url_prefix=ROOT)
    app.register_error_handler(Exception, fail)
    app.before_request(authenticate)
    app.after_request(protect)
    return app


def authenticate() -> Response | None:
    """Let in who has the token; everyone may read what the API is."""
    if request.endpoint == "control.describe":
        return None
    sent = request.headers.get("Authorization", "")
    wanted = f"Bearer {current_app.extensions['token']}"
    if hmac.compare_digest(sent.encode(), wanted.encode()):
        return None
    needed = "the control side needs the header Authorization: Bearer TOKEN"
    response = answer({"error": f"{needed}, with the token that `serve` printed"}, 401)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def protect(response: Response) -> Response:
    """Answers hold keys: they are for no cache, no frame and no page."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def fail(error: Exception) -> Response:
    """The answer to any error: what is wrong, and what there is."""
    if isinstance(error, NotHere):
        return answer({"error": str(error)}, 404)
    if isinstance(
        error, BadRequest | ControlError | SeedError | FaultError | ClockError
    ):
        return answer({"error": str(error)}, 400)
    if isinstance(error, HTTPException):
        text = f"{error.name}; {ROOT}/openapi.json tells what there is"
        return answer({"error": text}, error.code or 500)
    current_app.logger.error("unexpected error: %s", type(error).__name__)
    return answer({"error": "Internal Server Error"}, 500)


@blueprint.get("/openapi.json")
def describe() -> Response:
    return answer(document())


@blueprint.get("/")
def overview() -> Response:
    dialects = {
        name: {
            "title": one.title,
            "scopes": one.scopes,
            "operations": [*(one.rehearsal().operations if one.rehearsal else ())],
            "faults": {
                f"{name}.{fault}": {
                    "source": declared.source,
                    "operations": sorted(declared.operations),
                    "options": dict(declared.options),
                }
                for fault, declared in (
                    one.rehearsal().faults.items() if one.rehearsal else ()
                )
            },
        }
        for name, one in control().dialects.items()
    }
    faults = {name: dict(options) for name, options in TRANSPORT.items()}
    return answer({"dialects": dialects, "faults": faults})
