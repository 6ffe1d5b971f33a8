"""What the start of the gateway is held against: Flask, SQLAlchemy and one query."""

import os

from flask import Flask, Response, jsonify
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, select

addresses = Table(
    "addresses",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("first_name", String),
    Column("last_name", String),
    Column("postal_code", String),
)


def bare() -> Flask:
    """An app that reads one address of the database that the environment names."""
    app = Flask("bare", static_folder=None)
    engine = create_engine(os.environ["ADDRESS_GATEWAY_DATABASE_URL"])

    @app.get("/addresses/<int:number>")
    def get_address(number: int) -> Response:
        wanted = select(addresses).where(addresses.c.id == number)
        with engine.connect() as connection:
            row = connection.execute(wanted).mappings().one()
        return jsonify(dict(row))

    return app
