"""Projects and tasks: numbers, order, filters, pages, conditions, and what stays when people go."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from tests.platform import Organization, Platform, created, problem
from tests.services.tenancy.mail import newest, received
from tests.services.tenancy.people import member

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.events import CommentCreated, TaskCompleted
from septet.services.tenancy.positions import position_between


async def project_of(organization: Organization, **more: str) -> str:
    body = {"name": "Operations", "key": f"P{uuid4().hex[:6].upper()}"} | more
    return str(created(await organization.client.post("/projects", json=body))["id"])


async def task_in(organization: Organization, project: str, title: str = "Do it", **more: Any) -> dict[str, Any]:
    return created(await organization.client.post(f"/projects/{project}/tasks", json={"title": title} | more))


async def titles(organization: Organization, project: str, **query: Any) -> list[str]:
    answer = await organization.client.get(f"/projects/{project}/tasks", params=query)
    assert answer.status_code == 200, answer.text
    return [task["title"] for task in answer.json()["data"]]


async def test_tasks_are_numbered_without_gaps_under_concurrency(organization: Organization) -> None:
    project = await project_of(organization, key="OPS")
    made = await asyncio.gather(*[task_in(organization, project) for _ in range(12)])
    assert sorted(task["number"] for task in made) == list(range(1, 13))
    assert {task["key"] for task in made} == {f"OPS-{n}" for n in range(1, 13)}
    listed = (await organization.client.get(f"/projects/{project}/tasks")).json()["data"]
    assert [task["number"] for task in listed] == list(range(1, 13))


async def test_project_keys(organization: Organization) -> None:
    for name, key in (("Operations", "OPE"), ("Web site", "WS"), ("Web shop", "WS2"), ("Żółw", "W"), ("42", "P")):
        assert created(await organization.client.post("/projects", json={"name": name}))["key"] == key
    problem(await organization.client.post("/projects", json={"name": "X", "key": "WS"}), 409, "project_key_taken")
    problem(await organization.client.post("/projects", json={"name": "X", "key": "ws"}), 422, "invalid_input")


async def test_task_carries_and_clears_its_fields(platform: Platform, organization: Organization) -> None:
    project, person = await project_of(organization), await member(platform, organization)
    fields = {
        "description": "**now**",
        "status": "in_progress",
        "priority": "high",
        "assigneeId": str(person.id),
        "dueDate": "2026-12-24",
        "labels": ["b", "a", "b"],
    }
    task = await task_in(organization, project, **fields)
    assert {name: task[name] for name in fields} == fields | {"labels": ["a", "b"]}
    cleared = {"assigneeId": None, "dueDate": None, "labels": [], "description": ""}
    changed = (await organization.client.patch(f"/tasks/{task['id']}", json=cleared)).json()
    assert {name: changed[name] for name in cleared} == cleared
    assert changed["priority"] == "high"
    done = (await organization.client.patch(f"/tasks/{task['id']}", json={"status": "done"})).json()
    assert done["completedAt"]
    back = (await organization.client.patch(f"/tasks/{task['id']}", json={"status": "todo"})).json()
    assert back["completedAt"] is None
    bad = {"status": "nope"}
    problem(await organization.client.patch(f"/tasks/{task['id']}", json=bad), 422, "unknown_status")
    bad = {"assigneeId": str(uuid4())}
    problem(await organization.client.patch(f"/tasks/{task['id']}", json=bad), 422, "unknown_assignee")


async def test_finished_and_discussed_tasks_are_told_with_whom_they_concern(
    platform: Platform, organization: Organization
) -> None:
    project, person = await project_of(organization), await member(platform, organization)
    task = await task_in(organization, project, "Paint", assigneeId=str(person.id))
    await person.client.post(f"/tasks/{task['id']}/comments", json={"body": "dry " * 100})
    comment = await newest(platform, organization.id, CommentCreated)
    concerned = (comment.created_by, comment.assignee_id, comment.author_id)
    assert concerned == (organization.owner.id, person.id, person.id)
    assert (comment.reference, comment.title, len(comment.excerpt)) == (task["key"], "Paint", 200)
    for status in ("done", "canceled"):
        await person.client.patch(f"/tasks/{task['id']}", json={"status": status})
    await organization.client.post(f"/tasks/{task['id']}/move", json={"status": "done"})
    told = await received(platform, organization.id, TaskCompleted)
    assert [(e.completed_by, e.created_by, e.assignee_id) for e in told] == [
        (person.id, organization.owner.id, person.id),
        (organization.owner.id, organization.owner.id, person.id),
    ]


async def test_stale_change_is_refused(organization: Organization) -> None:
    task = await task_in(organization, await project_of(organization))
    path, stale = f"/tasks/{task['id']}", {"If-Match": task["etag"]}
    changed = await organization.client.patch(path, json={"title": "A"}, headers=stale)
    assert changed.headers["etag"] != task["etag"]
    problem(await organization.client.patch(path, json={"title": "B"}, headers=stale), 412, "precondition_failed")
    race = [
        organization.client.patch(path, json={"title": str(n)}, headers={"If-Match": changed.headers["etag"]})
        for n in range(6)
    ]
    assert sorted(answer.status_code for answer in await asyncio.gather(*race)) == [200] + [412] * 5


async def test_filters_sorts_and_search(platform: Platform, organization: Organization) -> None:
    project, person = await project_of(organization), await member(platform, organization)
    await task_in(organization, project, "Fix login", labels=["bug", "web"], priority="urgent", dueDate="2026-01-02")
    await task_in(organization, project, "Write docs", assigneeId=str(person.id), status="done")
    await task_in(organization, project, "Log rotation", labels=["bug"], dueDate="2026-01-01")
    assert await titles(organization, project, label="bug") == ["Fix login", "Log rotation"]
    assert await titles(organization, project, label=["bug", "web"]) == ["Fix login"]
    assert await titles(organization, project, status=["done", "backlog"]) == ["Write docs"]
    assert await titles(organization, project, assigneeId=str(person.id)) == ["Write docs"]
    assert await titles(organization, project, assigneeId="none") == ["Fix login", "Log rotation"]
    assert await titles(organization, project, priority="urgent") == ["Fix login"]
    assert await titles(organization, project, q="login") == ["Fix login"]
    assert await titles(organization, project, q='rotation or "write docs"') == ["Write docs", "Log rotation"]
    assert await titles(organization, project, dueBefore="2026-01-02") == ["Log rotation"]
    assert await titles(organization, project, sort="dueDate") == ["Log rotation", "Fix login", "Write docs"]
    assert await titles(organization, project, sort="-number") == ["Log rotation", "Write docs", "Fix login"]
    problem(await organization.client.get(f"/projects/{project}/tasks?sort=colour"), 422, "invalid_input")


@pytest.mark.parametrize("sort", ["position", "-number", "dueDate", "-updatedAt", "title", "priority", "createdAt"])
async def test_pages_stay_correct_while_rows_come_and_go(organization: Organization, sort: str) -> None:
    project = await project_of(organization)
    kept = [await task_in(organization, project, f"T{n % 4}", dueDate="2026-01-0" + str(n % 3 + 1)) for n in range(9)]
    gone = await task_in(organization, project, "gone")
    expected = (await organization.client.get(f"/projects/{project}/tasks", params={"sort": sort})).json()["data"]
    seen: list[str] = []
    cursor = None
    for step in range(20):
        params = {"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await organization.client.get(f"/projects/{project}/tasks", params=params)).json()
        seen += [task["id"] for task in page["data"]]
        cursor = page["nextCursor"]
        if step == 0:
            await organization.client.delete(f"/tasks/{gone['id']}")
            await task_in(organization, project, "new")
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    ids = {task["id"] for task in kept}
    assert [i for i in seen if i in ids] == [t["id"] for t in expected if t["id"] in ids]
    if cursor:
        wrong = {"sort": "number", "cursor": cursor}
        problem(await organization.client.get(f"/projects/{project}/tasks", params=wrong), 400, "bad_parameter")


async def test_dragging_orders_and_changes_column(organization: Organization) -> None:
    project = await project_of(organization)
    a, b, c = [await task_in(organization, project, name) for name in "abc"]
    move = await organization.client.post(f"/tasks/{c['id']}/move", json={"beforeId": a["id"], "status": "done"})
    assert move.json()["status"] == "done"
    assert await titles(organization, project) == ["c", "a", "b"]
    await organization.client.post(f"/tasks/{c['id']}/move", json={"afterId": a["id"]})
    assert await titles(organization, project) == ["a", "c", "b"]
    await organization.client.post(f"/tasks/{a['id']}/move", json={})
    assert await titles(organization, project) == ["c", "b", "a"]
    both = {"beforeId": b["id"], "afterId": a["id"]}
    problem(await organization.client.post(f"/tasks/{c['id']}/move", json=both), 400, "bad_parameter")
    moves = [
        organization.client.post(f"/tasks/{t['id']}/move", json={"afterId": b["id"]}) for t in (a, c) for _ in range(5)
    ]
    assert {answer.status_code for answer in await asyncio.gather(*moves)} == {200}
    assert (await titles(organization, project))[0] == "b"


@given(st.lists(st.integers(0, 40), min_size=1, max_size=120))
@settings(max_examples=60, deadline=None)
def test_there_is_always_a_position_between(places: list[int]) -> None:
    positions: list[str] = []
    for place in places:
        index = min(place, len(positions))
        before = positions[index - 1] if index else None
        after = positions[index] if index < len(positions) else None
        new = position_between(before, after)
        assert before is None or before < new
        assert after is None or new < after
        assert not new.endswith("0")
        positions.insert(index, new)


def test_appending_and_prepending_do_not_lengthen_positions() -> None:
    last = first = position_between(None, None)
    for _ in range(10_000):
        last, first = position_between(last, None), position_between(None, first)
    assert len(last) == len(first) == len(position_between(None, None))


async def test_subtasks_cannot_form_a_circle(organization: Organization) -> None:
    project = await project_of(organization)
    top = await task_in(organization, project)
    part = await task_in(organization, project, parentId=top["id"])
    circle = {"parentId": part["id"]}
    problem(await organization.client.patch(f"/tasks/{top['id']}", json=circle), 422, "no_such_parent")
    other = await task_in(organization, await project_of(organization))
    problem(await organization.client.patch(f"/tasks/{other['id']}", json=circle), 422, "no_such_parent")
    assert (await organization.client.delete(f"/tasks/{top['id']}")).status_code == 204
    assert (await organization.client.get(f"/tasks/{part['id']}")).json()["parentId"] is None


async def test_bulk_change_is_all_or_nothing(organization: Organization) -> None:
    project = await project_of(organization)
    ids = [(await task_in(organization, project))["id"] for _ in range(3)]
    bulk = {"ids": ids, "change": {"status": "done", "labels": ["x"]}}
    changed = (await organization.client.post("/tasks/bulk", json=bulk)).json()["data"]
    assert [task["id"] for task in changed] == ids
    assert len(await titles(organization, project, label="x", status="done")) == 3
    wrong = {"ids": [*ids, str(uuid4())], "change": {"status": "todo"}}
    problem(await organization.client.post("/tasks/bulk", json=wrong), 404, "task_not_found")
    assert len(await titles(organization, project, status="done")) == 3


async def test_work_of_who_leaves_stays_unassigned(platform: Platform, organization: Organization) -> None:
    project, person = await project_of(organization), await member(platform, organization)
    task = await task_in(organization, project, assigneeId=str(person.id))
    created(await person.client.post(f"/tasks/{task['id']}/comments", json={"body": "mine"}))
    assert (await organization.client.delete(f"/members/{person.id}")).status_code == 204
    left = (await organization.client.get(f"/tasks/{task['id']}")).json()
    assert left["assigneeId"] is None
    comments = (await organization.client.get(f"/tasks/{task['id']}/comments")).json()["data"]
    assert [c["authorId"] for c in comments] == [str(person.id)]


async def test_comments_and_attachments(platform: Platform, organization: Organization) -> None:
    task, person = await task_in(organization, await project_of(organization)), await member(platform, organization)
    path = f"/tasks/{task['id']}"
    mine = created(await person.client.post(f"{path}/comments", json={"body": "first"}))
    edited = await person.client.patch(f"/comments/{mine['id']}", json={"body": "second"})
    assert (edited.json()["body"], bool(edited.json()["editedAt"])) == ("second", True)
    theirs = created(await organization.client.post(f"{path}/comments", json={"body": "x"}))
    problem(await organization.client.patch(f"/comments/{mine['id']}", json={"body": "y"}), 403, "not_the_author")
    problem(await person.client.delete(f"/comments/{theirs['id']}"), 403, "not_the_author")
    assert (await organization.client.delete(f"/comments/{mine['id']}")).status_code == 204
    link = {"url": "https://example.com/plan.pdf", "title": "Plan"}
    attachment = created(await person.client.post(f"{path}/attachments", json=link))
    assert (await person.client.get(f"{path}/attachments")).json()["data"] == [attachment]
    bad = await person.client.post(f"{path}/attachments", json=link | {"url": "javascript:alert(1)"})
    problem(bad, 422, "invalid_input")
    assert (await person.client.delete(f"{path}/attachments/{attachment['id']}")).status_code == 204
    problem(await person.client.delete(f"{path}/attachments/{attachment['id']}"), 404, "attachment_not_found")


async def test_archived_projects_and_tasks_come_back(organization: Organization) -> None:
    project = await project_of(organization)
    task = await task_in(organization, project, "t")
    await organization.client.patch(f"/tasks/{task['id']}", json={"archived": True})
    assert await titles(organization, project) == []
    assert await titles(organization, project, archived=True) == ["t"]
    await organization.client.patch(f"/tasks/{task['id']}", json={"archived": False})
    assert await titles(organization, project) == ["t"]
    await organization.client.patch(f"/projects/{project}", json={"archived": True})
    listed = (await organization.client.get("/projects?archived=true")).json()["data"]
    assert [p["id"] for p in listed] == [project]
    refused = await organization.client.post(f"/projects/{project}/tasks", json={"title": "x"})
    problem(refused, 409, "project_archived")
    assert (await organization.client.patch(f"/projects/{project}", json={"archived": False})).status_code == 200
    await task_in(organization, project)


async def test_a_deleted_project_takes_its_tasks_along_and_nothing_else(
    organization: Organization, stranger: Organization
) -> None:
    gone, stays = await project_of(organization), await project_of(organization)
    lost, kept = await task_in(organization, gone), await task_in(organization, stays)
    problem(await stranger.client.delete(f"/projects/{gone}"), 404, "project_not_found")
    assert (await organization.client.delete(f"/projects/{gone}")).status_code == 204
    problem(await organization.client.get(f"/projects/{gone}"), 404, "project_not_found")
    problem(await organization.client.get(f"/tasks/{lost['id']}"), 404, "task_not_found")
    problem(await organization.client.delete(f"/projects/{gone}"), 404, "project_not_found")
    assert (await organization.client.get(f"/tasks/{kept['id']}")).status_code == 200


async def test_statuses_of_a_project_are_its_own(organization: Organization) -> None:
    project = await project_of(organization)
    await task_in(organization, project, status="backlog")
    statuses = [{"key": "open", "name": "Open", "category": "unstarted"}]
    refused = await organization.client.patch(f"/projects/{project}", json={"statuses": statuses})
    problem(refused, 409, "status_in_use")
    statuses.append({"key": "backlog", "name": "Later", "category": "backlog"})
    await organization.client.patch(f"/projects/{project}", json={"statuses": statuses})
    assert (await task_in(organization, project))["status"] == "open"
    twice = {"statuses": [statuses[0], statuses[0]]}
    problem(await organization.client.patch(f"/projects/{project}", json=twice), 422, "invalid_input")


async def test_activity_tells_who_changed_what(platform: Platform, organization: Organization) -> None:
    project = await project_of(organization)
    task = await task_in(organization, project)
    await organization.client.patch(f"/tasks/{task['id']}", json={"status": "done"})
    await organization.client.delete(f"/tasks/{task['id']}")
    feed = (await organization.client.get("/activity", params={"taskId": task["id"]})).json()["data"]
    assert [entry["verb"] for entry in feed] == ["task.deleted", "task.changed", "task.created"]
    assert feed[1]["changes"] == {"status": ["todo", "done"]}
    assert feed[1]["actorId"] == str(organization.owner.id)


async def test_projects_are_limited_by_the_plan(platform: Platform, organization: Organization) -> None:
    limit = next(f for f in (await organization.client.get("/features")).json()["data"] if f["key"] == "projects")
    assert limit["value"] == 200
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        await uow.execute(text(
            """INSERT INTO tenancy.projects
                 (tenant_id, id, key, name, description, statuses, last_number, revision, created_at)
               SELECT :tenant, gen_random_uuid(), 'K' || n, 'P', '', '[]', 0, 1, CAST(:now AS timestamptz)
               FROM generate_series(1, 199) n"""
        ), {"tenant": organization.id, "now": uow.now})  # fmt: skip
        await uow.commit()
    created(await organization.client.post("/projects", json={"name": "P", "key": "LAST"}))
    refused = problem(
        await organization.client.post("/projects", json={"name": "P", "key": "Z"}), 402, "quota_exceeded"
    )
    assert (refused["requiredPlan"], refused["limit"]) == ("PRO", 200)
