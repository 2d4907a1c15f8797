"""The files under deployment/ are well-formed, by the tools that will read them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

DEPLOYMENT = Path(__file__).parents[2] / "deployment"
PASSWORDS = {"APP_PASSWORD": "a", "OWNER_PASSWORD": "b", "CLICKHOUSE_PASSWORD": "c", "POSTGRES_PASSWORD": "d"}


@pytest.mark.parametrize("unit", sorted(DEPLOYMENT.glob("systemd/*.service")), ids=lambda path: path.name)
def test_systemd_unit(unit: Path, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    here = tmp_path / unit.name
    here.write_text(unit.read_text().replace("/opt/septet/.venv/bin/septet", "/bin/true"))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", here], capture_output=True, text=True, check=False
    )
    complaints = [line for line in checked.stderr.splitlines() if unit.name in line]
    assert complaints == []


def test_compose_file_names_every_role_and_engine() -> None:
    services = yaml.safe_load((DEPLOYMENT / "compose.yaml").read_text())["services"]
    assert services.keys() >= {"migrate", "web", "gateway", "worker", "postgres", "valkey", "clickhouse"}


def test_compose_file_by_docker() -> None:
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed")
    command = ["docker", "compose", "-f", DEPLOYMENT / "compose.yaml", "config", "--quiet"]
    checked = subprocess.run(command, env=os.environ | PASSWORDS, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
