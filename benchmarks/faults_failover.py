"""The leader of PostgreSQL changes, or is killed, while clients write."""

from time import monotonic, sleep
from typing import Any

from sqlalchemy import text

from benchmarks.faults_patroni import Cluster, cluster, until
from benchmarks.faults_service import Service, service
from benchmarks.faults_writers import Party, is_served, judged, party, silence
from core import Query, Store, schema
from core.connection import Statement

READS = 100
IS_STANDBY = Statement(text("SELECT pg_is_in_recovery()"))


def failover(*, writers: int, workers: int, seconds: float) -> dict[str, Any]:
    """What became of the writes, and how long none was taken."""
    began = monotonic()
    with cluster() as nodes:
        up = monotonic() - began
        store = Store(nodes.url(), secret_key="faults")
        schema.upgrade(store.database)
        clients = party(store, writers)
        standby = nodes.url("prefer-standby")
        environ = {"ADDRESS_GATEWAY_REPLICA_URL": standby}
        with service(nodes.url(), workers=workers, environ=environ) as gateway:
            before = gateway.workers()
            with clients.writing(gateway.port):
                sleep(seconds)
                switchover = switched(nodes, clients)
                sleep(seconds)
                killed = killed_leader(nodes, clients, gateway)
                sleep(seconds)
                reads = large_reads(nodes.url(), standby, clients)
            kept = gateway.starts == 1 and gateway.workers() == before
        figures = judged(clients)
        store.close()
    return {
        "cluster up after s": round(up, 1),
        "silence at a planned switchover s": switchover,
        **killed,
        "large reads beside the writers": reads,
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


def large_reads(leader: str, standby: str, clients: Party) -> dict[str, Any]:
    """Who answers lists of a whole shop, and an export, while clients write."""
    store = Store(leader, replica_url=standby)
    told = []
    stale = 0
    for _ in range(READS):
        known = sum(
            len(one.acknowledged) - len(one.removed) for one in clients.journals
        )
        with store.book("", shop=clients.shop, writes=False, large=True) as book:
            stale += book.find(Query(limit=1)).total < known - len(clients.journals)
            told.append(is_standby(book))
        sleep(0.05)
    began = monotonic()
    with store.extract("", shop=clients.shop) as extract:
        rows = sum(1 for _ in extract.addresses())
        exported = is_standby(extract)
    took = monotonic() - began
    store.close()
    return {
        "lists": len(told),
        "lists from the standby": sum(told),
        "lists that missed an acknowledged write": stale,
        "addresses exported": rows,
        "exported by the standby": exported,
        "export s": round(took, 2),
    }


def is_standby(reading: Any) -> bool:
    return bool(reading._connection.one(IS_STANDBY)[0])
