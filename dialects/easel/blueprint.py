"""The blueprint, and who may use it."""

from flask import Blueprint

from dialects.easel.auth import authenticate

blueprint = Blueprint("easel", __name__)
blueprint.before_request(authenticate)
