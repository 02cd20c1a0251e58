"""Health check of the web container: exit code 0 when the server answers.

Readiness (database, queue, worker) is for the load balancer: /health/ready. Were it asked here, a
slow database would make Docker restart a web server that is well.
"""

import http.client
import os
import sys


def main() -> int:
    """Ask the server in this container whether it is alive."""
    port = int(os.environ.get("GRANIAN_PORT", "8000"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/health/live")
        return 0 if connection.getresponse().status == 200 else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
