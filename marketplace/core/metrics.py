"""Prometheus figures of one process; /metrics shows them together with a few read from rows."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("yizhan_requests_total", "Requests answered", ["method", "view", "status"])
REQUEST_SECONDS = Histogram(
    "yizhan_request_seconds", "Time to answer", ["view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)  # fmt: skip
JOB_RUNS = Counter("yizhan_job_runs_total", "Jobs run", ["kind", "outcome"])
JOB_SECONDS = Histogram(
    "yizhan_job_seconds", "Time a job took", ["kind"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 15, 60, 300),
)  # fmt: skip
REPLICA_READS = Counter(
    "yizhan_replica_reads_total", "Requests that a replica may answer, by who answered", ["server"]
)
OUTBOUND = Counter("yizhan_outbound_calls_total", "Calls to other hosts", ["host", "outcome"])
