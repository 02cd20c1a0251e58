"""The examples of docs/reference/api.md, run as they stand."""

import re
import subprocess
from pathlib import Path

import pytest
from django.core.cache import cache

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


def examples() -> str:
    """All shell blocks in order, as one script that ends at the first fault."""
    return "\n".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S))


@pytest.mark.django_db(transaction=True)
def test_examples_run_as_they_stand(cast, live_server, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    cache.clear()
    script = examples()
    assert "YIZHAN=http://127.0.0.1:8000/api/v1" in script
    script = script.replace("http://127.0.0.1:8000", live_server.url)
    script = re.sub(r"TOKEN=\$\(make [^\n]*\)", f"TOKEN={cast.owner.secret}", script)
    assert cast.owner.secret in script
    # -f: curl itself fails at a refusal
    script = "set -eu -o pipefail\n" + script.replace("curl -s", "curl -sSf")
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert '"results"' in done.stdout and "cast.example" in done.stdout
    assert "Keeps 84%" in done.stdout
    from listings.models import ExportRun, ImportRun, Listing

    assert ImportRun.objects.get().proceed == "check"
    assert ExportRun.objects.get().kind == "technology"
    assert Listing.objects.get().owner == cast.home
