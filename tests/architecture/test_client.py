"""The typed client is what docs/make_client.py writes today, and it works."""

import importlib.util
from pathlib import Path

import pytest

from septet.client import AsyncSeptet, Refused
from tests.platform import Organization, Platform

ROOT = Path(__file__).parents[2]


def test_generated_client_is_up_to_date(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_client", ROOT / "docs" / "make_client.py")
    assert spec and spec.loader
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    generator.main(tmp_path)
    stale = [
        file.name
        for file in sorted(tmp_path.glob("*.py"))
        if file.read_text() != (generator.TARGET / file.name).read_text()
    ]
    assert not stale, f"run `make reference`: {stale}"


async def test_methods_of_several_services(platform: Platform, organization: Organization) -> None:
    http = organization.client
    septet = AsyncSeptet("", organization.owner.token, str(organization.id), http=http)
    project = await septet.projects.create_project({"name": "Apollo"})
    assert [each["id"] for each in (await septet.projects.list_projects())["data"]] == [project["id"]]
    link = await septet.links.create_link({"url": "https://example.com/", "tags": ["a"]})
    assert (await septet.links.list_links(tag="a"))["data"][0]["code"] == link["code"]
    accepted = await septet.logs.send_logs("one\ntwo", "text/plain", service="client")
    assert accepted["accepted"] == 2
    await septet.projects.delete_project(project["id"])
    assert (await septet.projects.list_projects())["data"] == []


async def test_an_id_stays_in_its_place(platform: Platform, organization: Organization) -> None:
    """An id that came from a stranger reaches no other endpoint than the one that was called."""
    http = organization.client
    septet = AsyncSeptet("", organization.owner.token, str(organization.id), http=http)
    project = await septet.projects.create_project({"name": "Apollo"})
    for hostile in (
        f"x/../{project['id']}",
        f"../projects/{project['id']}",
        f"{project['id']}?x=",
        f"{project['id']}#",
    ):
        with pytest.raises(Refused):
            await septet.projects.delete_project(hostile)
    for hostile in ("", ".", ".."):
        with pytest.raises(ValueError, match="names nothing"):
            await septet.projects.delete_project(hostile)
    assert len((await septet.projects.list_projects())["data"]) == 1
