"""The leader of PostgreSQL changes, or is killed, while clients write."""

from time import monotonic, sleep
from typing import Any

from benchmarks.faults_patroni import Cluster, cluster, until
from benchmarks.faults_service import Service, service
from benchmarks.faults_writers import Party, is_served, judged, party, silence
from core import Store, schema


def failover(*, writers: int, workers: int, seconds: float) -> dict[str, Any]:
    """What became of the writes, and how long none was taken."""
    began = monotonic()
    with cluster() as nodes:
        up = monotonic() - began
        store = Store(nodes.url(), secret_key="faults")
        schema.upgrade(store.database)
        clients = party(store, writers)
        with service(nodes.url(), workers=workers) as gateway:
            before = gateway.workers()
            with clients.writing(gateway.port):
                sleep(seconds)
                switchover = switched(nodes, clients)
                sleep(seconds)
                killed = killed_leader(nodes, clients, gateway)
                sleep(seconds)
            kept = gateway.starts == 1 and gateway.workers() == before
        figures = judged(clients)
        store.close()
    return {
        "cluster up after s": round(up, 1),
        "silence at a planned switchover s": switchover,
        **killed,
        "without a restart of the gateway": kept,
        **figures,
    }


def switched(nodes: Cluster, clients: Party) -> float:
    """How long no write succeeds when the leader changes as planned."""
    moment = monotonic()
    old = nodes.leader()
    nodes.switch()
    until("the leader does not change", lambda: nodes.leader() is not old)
    served = monotonic()
    until("the gateway is not back", lambda: is_served(clients, served))
    gap = silence(clients, moment)
    until("the standby is not back", nodes.is_synchronous)
    return round(gap, 1)


def killed_leader(nodes: Cluster, clients: Party, gateway: Service) -> dict[str, Any]:
    """How long no write succeeds when the leader is gone."""
    leader = nodes.leader()
    moment = monotonic()
    leader.kill()
    until("no other leads", lambda: any(n.is_("primary") for n in nodes.nodes))
    elected = monotonic()
    until("the gateway is not back", lambda: is_served(clients, elected))
    gap = silence(clients, moment)
    leader.start()
    until("the killed leader does not follow", lambda: leader.is_("replica"))
    returned = monotonic() - elected
    return {
        "silence when the leader is killed s": round(gap, 1),
        "another leads after s": round(elected - moment, 1),
        "the killed one follows after s": round(returned, 1),
        "answers meanwhile": gateway.answers(),
    }
