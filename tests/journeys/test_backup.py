"""A backup of a running Septet, restored elsewhere: everybody finds everything again."""

from pathlib import Path

import pytest
from benchmarks.installation import Installation

pytestmark = pytest.mark.processes
PERSON = {"email": "ada@example.com", "password": "correct horse battery staple", "name": "Ada"}


def test_what_was_backed_up_while_running_comes_back_elsewhere(tmp_path: Path) -> None:
    archive = tmp_path / "septet.backup"
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    with Installation(tmp_path / "here").start() as here:
        token = here.call("POST", "/auth/signup", PERSON)[1]["session"]["token"]
        organization = here.call("POST", "/organizations", {"name": "Acme"}, token=token)[1]
        saved = here.septet("backup", str(archive))
        assert saved.returncode == 0, saved.stderr
        refused = here.septet("backup", str(archive))
        assert refused.returncode == 1
        assert "exists already" in refused.stderr
        refused = here.septet("restore", str(archive), "--replace")
        assert refused.returncode == 1
        assert "Stop it" in refused.stderr
        secrets = (here.data_dir / "secrets.json").read_bytes()
    with Installation(tmp_path / "there") as there:
        there.data_dir.mkdir()
        (there.data_dir / "secrets.json").write_bytes(secrets)
        restored = there.septet("restore", str(archive), "--replace")
        assert restored.returncode == 0, restored.stderr
        again = there.septet("restore", str(archive))
        assert again.returncode == 1
        assert "--replace" in again.stderr
        there.start()
        status, login = there.call("POST", "/auth/login", {k: PERSON[k] for k in ("email", "password")})
        assert status == 200, login
        assert there.call("GET", "/me", token=token)[1]["memberships"][0]["organizationId"] == organization["id"]
