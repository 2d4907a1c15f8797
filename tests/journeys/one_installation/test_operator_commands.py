"""What an operator does to one organization from the command line, while Septet runs."""

import http.client
import time
from pathlib import Path
from typing import Any

import pytest
from benchmarks.installation import Installation

pytestmark = pytest.mark.processes
PASSWORD = "plenty of correct horses"


class Owner:
    """Somebody with an organization, whose requests name it."""

    def __init__(self, septet: Installation) -> None:
        self.septet, self.organization, self.token = septet, "", ""
        body = {"email": f"owner{time.monotonic_ns()}@example.com", "password": PASSWORD, "name": "Ada"}
        self.token = self.ask("POST", "/auth/signup", body)["session"]["token"]
        self.organization = self.found_organization("Moved")

    def found_organization(self, name: str) -> str:
        return str(self.ask("POST", "/organizations", {"name": name})["id"])

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer, which must be a success."""
        status, answer = self.septet.call(method, path, body, token=self.token, headers=self.headers)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    @property
    def headers(self) -> dict[str, str]:
        return {"Septet-Organization": self.organization} if self.organization else {}

    def download(self, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.septet.web_port, timeout=10)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"} | self.headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == 200, content
        return content

    def export(self) -> bytes:
        export = self.ask("POST", f"/organizations/{self.organization}/export")
        path = f"/organizations/{self.organization}/exports/{export['id']}"
        deadline = time.monotonic() + 30
        while (now := self.ask("GET", path))["status"] != "ready":
            assert time.monotonic() < deadline, now
            time.sleep(0.02)
        return self.download(now["downloadUrl"])


def test_archive_is_restored_into_an_empty_organization(septet: Installation, tmp_path: Path) -> None:
    owner = Owner(septet)
    project = owner.ask("POST", "/projects", {"name": "Operations", "key": "OPS"})
    owner.ask("POST", f"/projects/{project['id']}/tasks", {"title": "Water the plants", "labels": ["garden"]})
    archive = tmp_path / "moved.jsonl.gz"
    archive.write_bytes(owner.export())
    original, owner.organization = owner.organization, owner.found_organization("Empty")

    restored = septet.septet("restore-organization", str(archive), "--into", owner.organization)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert owner.organization in restored.stdout
    (copy,) = owner.ask("GET", "/projects")["data"]
    (task,) = owner.ask("GET", f"/projects/{copy['id']}/tasks?label=garden&q=plants")["data"]
    assert (task["key"], task["title"]) == ("OPS-1", "Water the plants")
    owner.ask("POST", f"/projects/{copy['id']}/tasks", {"title": "goes on"})

    again = septet.septet("restore-organization", str(archive), "--into", owner.organization)
    assert again.returncode != 0
    assert "projects or members" in again.stdout + again.stderr
    archive.write_bytes(b"no archive")
    broken = septet.septet("restore-organization", str(archive))
    assert broken.returncode != 0
    assert "no archive" in broken.stdout + broken.stderr
    owner.organization = original
    assert len(owner.ask("GET", "/projects")["data"]) == 1


def test_bank_transfer_is_noted_and_a_feature_given(septet: Installation) -> None:
    owner = Owner(septet)
    owner.ask("POST", "/billing/change", {"plan": "PRO", "seats": 2})
    (invoice,) = owner.ask("GET", "/billing/invoices")["data"]
    paid = septet.septet("mark-paid", owner.organization, invoice["id"], "--reference", "transfer of 3 May")
    assert paid.returncode == 0, paid.stdout + paid.stderr
    assert "24.00 EUR is paid" in paid.stdout
    assert owner.ask("GET", "/billing/invoices")["data"][0]["status"] == "paid"
    given = septet.septet("set-feature", owner.organization, "projects", "7")
    assert given.returncode == 0, given.stdout + given.stderr
    features = {f["key"]: f for f in owner.ask("GET", "/features")["data"]}
    assert features["projects"]["value"] == 7
    back = septet.septet("set-feature", owner.organization, "projects", "")
    assert back.returncode == 0, back.stdout + back.stderr
    features = {f["key"]: f for f in owner.ask("GET", "/features")["data"]}
    assert features["projects"]["value"] == 2000
