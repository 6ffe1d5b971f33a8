"""A tiny application behind the real server, with its operations port."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.gateway.test_server import TINY, Server, free_port

RUN = """
import json, os, pathlib, sys
from gateway.bridge import Limits
from gateway.config import Config, ObservingConfig
from gateway.operations.observing import Observed
from gateway.operations.process import Operations
from gateway.server import serve

options = json.loads(sys.argv[1])
port, url = options.pop("operations_port"), options.pop("database_url")
log, tells = options.pop("log"), options.pop("tells_request_id")
options["limits"] = Limits(**options.pop("limits"))
for name in {"tls_certificate", "tls_key"} & set(options):
    options[name] = pathlib.Path(options[name])
operations = Operations(host="127.0.0.1", port=port, database_url=url)
pathlib.Path("directory").write_text(str(operations.board.directory))
observing = ObservingConfig(
    directory=str(operations.board.directory), log=log, tells_request_id=tells
)
os.environ.update(Config(observing=observing).to_environ())
try:
    serve(
        "tiny:factory",
        host="127.0.0.1",
        bridge=Observed,
        formatter="gateway.operations.logs.Formatter" if log == "json" else "",
        on_bound=operations.start,
        on_stop=operations.stopping,
        **options,
    )
finally:
    operations.end()
"""


@dataclass
class Operated(Server):
    operations_port: int
    answered: int = 0

    def ask(self, request: bytes) -> bytes:
        """What the server sends; its answers are counted."""
        answer = super().ask(request)
        self.answered += bool(answer)
        return answer

    def tell(self, page: str) -> tuple[int, str]:
        """What the operations port answers."""
        url = f"http://127.0.0.1:{self.operations_port}/{page}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except urllib.error.URLError as error:
            raise ConnectionRefusedError from error

    def ready(self) -> bool:
        assert self.process.poll() is None, self.ended()
        return self.tell("readyz") == (200, "ok\n")

    def metric(self, start: str) -> float:
        """The sum of the samples whose line begins so."""
        lines = self.tell("metrics")[1].splitlines()
        return sum(float(one.split()[-1]) for one in lines if one.startswith(start))

    def log(self) -> list[dict[str, Any]]:
        """The lines of its log."""
        text = (self.folder / "stderr").read_text()
        return [json.loads(line) for line in text.splitlines()]


def operated(folder: Path, **options: Any) -> Operated:
    (folder / "tiny.py").write_text(TINY)
    (folder / "run.py").write_text(RUN)
    port, operations_port = free_port(), free_port()
    options = {
        "port": port,
        "operations_port": operations_port,
        "database_url": "sqlite://",
        "limits": {},
        "log": "",
        "tells_request_id": False,
        **options,
    }
    root = Path(__file__).parents[3]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "run.py", json.dumps(options)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": f"{root}:{folder}"},
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    return Operated(process, port, folder, operations_port)
