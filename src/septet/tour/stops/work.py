"""A project with tasks, some of them Ben's, who hears of each."""

from septet.tour.journey import Tour

TASKS, OF_BEN, DONE = 12, 5, 4


async def plan_work(tour: Tour) -> None:
    """Make tasks, give some away, finish some, comment."""
    ada = tour.ada.api
    project = await ada.call("POST", "/projects", {"name": "Apollo"})
    path = f"/projects/{project['id']}/tasks"
    tasks = []
    for number in range(TASKS):
        assignee = tour.ben.id if number < OF_BEN else None
        tasks.append(await ada.call("POST", path, {"title": f"Step {number + 1}", "assigneeId": assignee}))
    for task in tasks[:DONE]:
        await tour.ben.api.call("PATCH", f"/tasks/{task['id']}", {"status": "done"})
    await tour.ben.api.call("POST", f"/tasks/{tasks[0]['id']}/comments", {"body": "Done, have a look."})
    console = f"/projects/{project['id']}"
    found = [task["status"] async for task in ada.every(path)]
    tour.check("tasks", len(found), TASKS, console=console, api=f"GET {path}")
    tour.check("tasks done", found.count("done"), DONE, console=console, api=f"GET {path}?status=done")
    told = await tour.settled(lambda: _unread(tour), OF_BEN)
    tour.check("notifications to Ben of his tasks", told, OF_BEN, console="/notifications", api="GET /inbox")


async def _unread(tour: Tour) -> int:
    return len([entry async for entry in tour.ben.api.every("/inbox", unread="true") if "Step" in entry["title"]])
