"""Two people sign up; one founds an organization and invites the other, who accepts by the link in the mail."""

import re

from septet.tour.journey import Tour, Traveller

PASSWORD = "a tour of seven services"  # noqa: S105 - of accounts that end with the tour
_TOKEN = re.compile(r"/invitation\?token=([\w.~-]+)")  # a mail to verify the address has a token, too


async def meet(tour: Tour) -> None:
    """Ada becomes an owner, Ben a member."""
    ada, ben = await _sign_up(tour, "Ada"), await _sign_up(tour, "Ben")
    body = {"name": f"Tour {tour.name}"}
    tour.organization_id = (await ada.api.call("POST", "/organizations", body))["id"]
    tour.ada = _inside(tour, ada)
    await tour.ada.api.call("POST", "/invitations", {"email": ben.email, "role": "MEMBER"})
    await ben.api.call("POST", "/invitations/accept", {"token": await _invitation_token(tour, ben.email)})
    tour.ben = _inside(tour, ben)
    key = await tour.ada.api.call("POST", "/api-keys", {"name": "tour", "scopes": ["*"]})
    tour.api_key = key["key"]
    members = [member["email"] async for member in tour.ada.api.every("/members")]
    tour.check("members", len(members), 2, console="/members", api="GET /members")
    invitations = [each["status"] async for each in tour.ada.api.every("/invitations")]
    tour.check("invitations accepted", invitations, ["accepted"], console="/members", api="GET /invitations")


async def _sign_up(tour: Tour, name: str) -> Traveller:
    email = f"{name.lower()}-{tour.name}@example.com"
    body = {"email": email, "password": PASSWORD, "name": name}
    made = await tour.public.call("POST", "/auth/signup", body)
    token = made["session"]["token"]
    return Traveller(made["user"]["id"], name, email, PASSWORD, token, tour.public.acting_as(token))


def _inside(tour: Tour, person: Traveller) -> Traveller:
    api = tour.public.acting_as(person.token, tour.organization_id)
    return Traveller(person.id, person.name, person.email, person.password, person.token, api)


async def _invitation_token(tour: Tour, email: str) -> str:
    async def token() -> str | None:
        for mail in (await tour.ada.api.call("GET", "/mailbox", to=email))["data"]:
            text = (await tour.ada.api.call("GET", f"/mailbox/{mail['id']}"))["text"]
            if found := _TOKEN.search(text):
                return found[1]
        return None

    found = await tour.until(f"the invitation mail to {email}", token, bool)
    assert found is not None
    return found


async def leave(tour: Tour) -> None:
    """Delete the organization, whose data goes after its grace period, and Ben's account; Ada may restore it."""
    await tour.ada.api.call("DELETE", f"/organizations/{tour.organization_id}")
    await tour.public.acting_as(tour.ben.token).call("DELETE", "/me", {"password": tour.ben.password})
