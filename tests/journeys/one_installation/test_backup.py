"""A backup of a running Septet, restored elsewhere: everybody finds everything again."""

import shutil
from pathlib import Path

import pytest
from benchmarks.installation import Installation

pytestmark = pytest.mark.processes
PERSON = {"email": "saved@example.com", "password": "correct horse battery staple", "name": "Ada"}


def test_what_was_backed_up_while_running_comes_back_elsewhere(septet: Installation, tmp_path: Path) -> None:
    archive = tmp_path / "septet.backup"
    token = septet.call("POST", "/auth/signup", PERSON)[1]["session"]["token"]
    organization = septet.call("POST", "/organizations", {"name": "Acme"}, token=token)[1]
    saved = septet.septet("backup", str(archive))
    assert saved.returncode == 0, saved.stderr
    refused = septet.septet("backup", str(archive))
    assert refused.returncode == 1
    assert "exists already" in refused.stderr
    refused = septet.septet("restore", str(archive), "--replace")
    assert refused.returncode == 1
    assert "Stop it" in refused.stderr
    with Installation(tmp_path) as elsewhere:
        elsewhere.data_dir.mkdir()
        shutil.copy(septet.data_dir / "secrets.json", elsewhere.data_dir)
        restored = elsewhere.septet("restore", str(archive), "--replace")
        assert restored.returncode == 0, restored.stderr
        again = elsewhere.septet("restore", str(archive))
        assert again.returncode == 1
        assert "--replace" in again.stderr
        elsewhere.start()
        status, login = elsewhere.call("POST", "/auth/login", {k: PERSON[k] for k in ("email", "password")})
        assert status == 200, login
        memberships = elsewhere.call("GET", "/me", token=token)[1]["memberships"]
        assert memberships[0]["organizationId"] == organization["id"]
