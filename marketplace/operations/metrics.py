"""GET /metrics: figures of this process, and a few that are read from rows."""

import math
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from accounts.network import client_ip, is_inside
from accounts.pages import actor_of
from listings.queries.progress import progress
from marketplace.core import health
from marketplace.core.errors import NotFound
from marketplace.operations import queries


class RowsCollector(Collector):
    """Gauges that hold for the whole instance, whichever process is asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("yizhan_part_up", "Whether a part is there", labels=["part"])
        for name, is_up in health.parts().items():
            up.add_metric([name], float(is_up))
        yield up
        jobs = GaugeMetricFamily("yizhan_jobs", "Jobs in the outbox", labels=["queue", "state"])
        for queue, state, number in queries.job_figures():
            jobs.add_metric([queue, state], number)
        yield jobs
        waits = GaugeMetricFamily(
            "yizhan_queue_oldest_seconds", "How long the oldest due job waits", labels=["queue"]
        )
        now = timezone.now()
        for row in queries.queue_states():
            seconds = (now - row.oldest).total_seconds() if row.oldest else 0.0
            waits.add_metric([row.name], max(seconds, 0.0))
        yield waits
        listings = GaugeMetricFamily("yizhan_listings", "Listings", labels=["kind", "state"])
        for kind, state, number in queries.listing_figures():
            listings.add_metric([kind, state], number)
        yield listings
        read = GaugeMetricFamily(
            "yizhan_listings_read", "Published listings with words and meaning", labels=["state"]
        )
        now_read = progress()
        read.add_metric(["published"], now_read.total)
        read.add_metric(["without_words"], now_read.words_waiting)
        read.add_metric(["without_meaning"], now_read.meanings_waiting)
        yield read
        lag = GaugeMetricFamily(
            "yizhan_replica_lag_seconds", "How far a replica may be behind", labels=["replica"]
        )
        for replica in queries.replica_states():
            lag.add_metric([replica.name], math.inf if replica.lag is None else replica.lag)
        yield lag


ROWS = CollectorRegistry()
ROWS.register(RowsCollector())


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For the networks in METRICS_NETWORKS, and for operators; nothing is there for others."""
    if not (_is_near(request) or actor_of(request).is_operator):
        raise NotFound
    return HttpResponse(
        generate_latest(REGISTRY) + generate_latest(ROWS), content_type=CONTENT_TYPE_LATEST
    )


def _is_near(request: HttpRequest) -> bool:
    """Whether the caller's own address is in one of the networks.

    A request that a proxy forwarded, while no proxy is trusted, comes from anywhere: the address
    of the connection is then the proxy's.
    """
    forwarded = {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers)
    if forwarded and not settings.TRUSTED_PROXY_COUNT:
        return False
    return is_inside(client_ip(request), settings.METRICS_NETWORKS)
