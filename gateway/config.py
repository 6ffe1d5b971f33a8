"""What the operator decides, read from the environment in this one place."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

PREFIX = "ADDRESS_GATEWAY_"


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlConfig:
    """Where the control side listens, what opens it, and where the dialects are."""

    host: str
    port: int
    token: str = field(repr=False)
    origin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservingConfig:
    """What the workers tell of their requests.

    `directory` is where they count them, and "" if they do not. `log` is "text" or
    "json" for a line a request, and "" for none. With `tells_request_id`, answers have
    an X-Request-Id, which no documentation has.
    """

    directory: str = ""
    log: str = ""
    tells_request_id: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The gateway's settings.

    `dialects` are the names to mount, all if None. `mounts` replaces dialects' roots.
    `durable` lets an acknowledged write survive a power cut on SQLite, too.
    `max_body` is in bytes. `old_secret_key` reads what was stored before the other
    secret key. `quirks` are, for a dialect, "documented", "observed" or a mapping of
    quirks to values. `redis_url` is where several hosts share their counts.
    `replica_url` is a hot standby of the database, for large reads.
    `control` is there if clients are tested, `observing` if requests are counted or
    logged.
    """

    database_url: str = field(default="sqlite:///var/gateway.db", repr=False)
    dialects: tuple[str, ...] | None = None
    mounts: Mapping[str, str] = field(default_factory=dict)
    secret_key: str | None = field(default=None, repr=False)
    old_secret_key: str | None = field(default=None, repr=False)
    durable: bool = True
    max_body: int = 1_048_576
    quirks: Mapping[str, Any] = field(default_factory=dict)
    redis_url: str | None = field(default=None, repr=False)
    replica_url: str | None = field(default=None, repr=False)
    control: ControlConfig | None = None
    observing: ObservingConfig | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Config":
        """The settings of the variables that begin with ADDRESS_GATEWAY_."""
        given = {
            name[len(PREFIX) :].lower(): value
            for name, value in environ.items()
            if name.startswith(PREFIX) and value
        }
        default = cls()
        dialects, control = given.get("dialects"), given.get("control")
        observing = given.get("observing")
        return cls(
            database_url=given.get("database_url", default.database_url),
            dialects=tuple(dialects.split(",")) if dialects else None,
            mounts=json.loads(given.get("mounts", "{}")),
            secret_key=given.get("secret_key"),
            old_secret_key=given.get("old_secret_key"),
            durable=given.get("durable", "1") != "0",
            max_body=int(given.get("max_body", default.max_body)),
            quirks=json.loads(given.get("quirks", "{}")),
            redis_url=given.get("redis_url"),
            replica_url=given.get("replica_url"),
            control=ControlConfig(**json.loads(control)) if control else None,
            observing=ObservingConfig(**json.loads(observing)) if observing else None,
        )

    def to_environ(self) -> dict[str, str]:
        """The variables that `from_environ` reads these settings from."""
        control = json.dumps(asdict(self.control)) if self.control else ""
        observing = json.dumps(asdict(self.observing)) if self.observing else ""
        return {
            f"{PREFIX}DATABASE_URL": self.database_url,
            f"{PREFIX}DIALECTS": ",".join(self.dialects or ()),
            f"{PREFIX}MOUNTS": json.dumps(dict(self.mounts)),
            f"{PREFIX}SECRET_KEY": self.secret_key or "",
            f"{PREFIX}OLD_SECRET_KEY": self.old_secret_key or "",
            f"{PREFIX}DURABLE": "1" if self.durable else "0",
            f"{PREFIX}MAX_BODY": str(self.max_body),
            f"{PREFIX}QUIRKS": json.dumps(dict(self.quirks)),
            f"{PREFIX}REDIS_URL": self.redis_url or "",
            f"{PREFIX}REPLICA_URL": self.replica_url or "",
            f"{PREFIX}CONTROL": control,
            f"{PREFIX}OBSERVING": observing,
        }
