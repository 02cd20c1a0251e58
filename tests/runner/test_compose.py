"""Production: what docker-compose.yml promises, and its commands run without Docker."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from marketplace.runner import ports
from marketplace.runner.environment import ROOT
from marketplace.runner.processes import die_with_parent, tail
from tests.databases import TestDatabase

APPS = ("web", "worker", "embedder", "beat", "migrate")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_every_container_is_confined(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "privileged" not in service, name
        assert "healthcheck" in service or name == "web", name  # web's is in the image
        assert service.get("read_only") or name == "database", name
    assert compose["networks"]["inside"]["internal"]
    assert [name for name, s in compose["services"].items() if "ports" in s] == ["proxy"]
    for name in ("database", "queue"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_no_secret_is_written_into_it(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text() + (ROOT / "Dockerfile").read_text()
    assert not re.search(r"(PASSWORD|SECRET_KEY|PEPPER)[\"']?\s*:\s*[\"']?[^/\s\"'$]", text)
    for name in APPS:
        for secret in compose["services"][name]["secrets"]:
            assert secret in compose["secrets"]


def test_everything_it_sets_is_a_setting(compose: dict[str, Any]) -> None:
    settings = (ROOT / "marketplace" / "settings.py").read_text()
    for name in APPS:
        for variable in compose["services"][name]["environment"]:
            assert f'"{variable.removesuffix("_FILE")}"' in settings, variable


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in lines
    last_stage = max(number for number, line in enumerate(lines) if line.startswith("FROM"))
    assert lines.index("USER 10001:10001") > last_stage


@pytest.fixture
def production(
    compose: dict[str, Any],
    test_database: TestDatabase,
    transactional_db: None,
    tmp_path: Path,
) -> dict[str, str]:
    """The environment of a container, with our servers behind the same names."""
    secrets = {
        "secret_key": "a-key-of-production-0123456789-abcdefghijk",
        "token_pepper": "a-pepper-of-production-9876543210-lmnopqrs",
        "database_url": test_database.own_url(),
        "email_url": "smtp://127.0.0.1:9",
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(value)
    kept = ("PATH", "HOME", "LANG", "OMP_NUM_THREADS")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment["YIZHAN_HOME"] = str(tmp_path / "home")
    (tmp_path / "home" / "static").mkdir(parents=True)
    for name, value in compose["services"]["web"]["environment"].items():
        text = re.sub(r"\$\{SITE_HOST[^}]*\}", "market.example", value)
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
        environment[name] = text.replace("/run/secrets", str(tmp_path))
    environment["REDIS_URL"] = os.environ["REDIS_URL"]
    return environment


@pytest.fixture
def container(
    compose: dict[str, Any], production: dict[str, str], tmp_path: Path
) -> Iterator[Callable[[str], "tuple[subprocess.Popen[bytes], Path]"]]:
    """Start the command of a service as its container would."""
    started = []

    def start(name: str) -> "tuple[subprocess.Popen[bytes], Path]":
        command = compose["services"][name].get("command") or _command_of_image()
        log = tmp_path / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(word).replace("/tmp/", f"{tmp_path}/") for word in command],  # noqa: S108
                env=production,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(15),
            )
        started.append(process)
        return process, log

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
    for process in started:
        assert process.wait(30) in (0, -15)


def _command_of_image() -> list[str]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    return yaml.safe_load(re.findall(r"^CMD (\[.*\])", text, re.MULTILINE)[-1])


@pytest.mark.worker
def test_the_commands_of_all_containers_work(
    container: Callable[[str], "tuple[subprocess.Popen[bytes], Path]"],
    production: dict[str, str],
    wait_until: Callable[..., None],
) -> None:
    port = ports.any_free()
    production["GRANIAN_HOST"] = "127.0.0.1"
    production["GRANIAN_PORT"] = str(port)
    migrate, log = container("migrate")
    assert migrate.wait(60) == 0, log.read_text()
    web, web_log = container("web")
    beat, beat_log = container("beat")
    worker, worker_log = container("worker")

    def healthy() -> bool:
        assert web.poll() is None, tail(web_log, 20)
        return not subprocess.call([sys.executable, "deploy/healthy.py"], cwd=ROOT, env=production)

    wait_until(healthy, 60, lambda: tail(web_log, 20))
    # Ready says that the worker and the cache understand each other.
    wait_until(lambda: _get(port, "/health/ready") == 200, 60, lambda: tail(worker_log, 20))
    assert _get(port, "/") == 301  # to https
    assert worker.poll() is None, tail(worker_log, 20)
    assert beat.poll() is None, tail(beat_log, 20)


def _get(port: int, path: str) -> int:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
