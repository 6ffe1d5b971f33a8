"""The app for any WSGI server, configured by ADDRESS_GATEWAY_ variables."""

from gateway.app import app_from_environ

app = app_from_environ()
