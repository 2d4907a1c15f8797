"""TOTP: single-use codes, recovery codes, throttling."""

import asyncio

import pyotp
from tests.platform import PASSWORD, Person, Platform, created, problem
from tests.services.tenancy.people import log_in


async def turned_on(platform: Platform, person: Person) -> tuple[pyotp.TOTP, list[str], str]:
    """A confirmed second factor, with its recovery codes, and the code that confirmed it."""
    secret = created(await person.client.post("/auth/totp"))["secret"]
    totp = pyotp.TOTP(secret)
    code = totp.at(platform.runtime.clock.now())
    answer = await person.client.post("/auth/totp/confirm", json={"code": code})
    assert answer.status_code == 200, answer.text
    return totp, answer.json()["recoveryCodes"], code


async def test_each_code_logs_in_once(own_platform: Platform) -> None:
    person, client = await own_platform.person(), own_platform.client()
    totp, _, used = await turned_on(own_platform, person)
    login = {"email": person.email, "password": PASSWORD}
    problem(await client.post("/auth/login", json=login), 401, "totp_required")
    problem(await client.post("/auth/login", json=login | {"totpCode": used}), 401, "invalid_totp_code")
    await own_platform.advance(60)
    code = totp.at(own_platform.runtime.clock.now())
    answers = await asyncio.gather(*[client.post("/auth/login", json=login | {"totpCode": code}) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    old = totp.at(own_platform.runtime.clock.now(), counter_offset=-3)
    problem(await client.post("/auth/login", json=login | {"totpCode": old}), 401, "invalid_totp_code")


async def test_recovery_codes_work_once_each(platform: Platform) -> None:
    person, client = await platform.person(), platform.client()
    _, codes, _ = await turned_on(platform, person)
    assert len(set(codes)) == 10
    await log_in(platform, person.email, totpCode=codes[0].upper())
    again = {"email": person.email, "password": PASSWORD, "totpCode": codes[0]}
    problem(await client.post("/auth/login", json=again), 401, "invalid_totp_code")
    renewed = await person.client.post("/auth/totp/recovery-codes", json={"code": codes[1]})
    assert not set(renewed.json()["recoveryCodes"]) & set(codes)
    problem(await client.post("/auth/login", json=again | {"totpCode": codes[2]}), 401, "invalid_totp_code")
    off = await person.client.request("DELETE", "/auth/totp", json={"code": renewed.json()["recoveryCodes"][0]})
    assert off.status_code == 204
    await log_in(platform, person.email)


async def test_wrong_codes_are_throttled_after_the_right_password(platform: Platform) -> None:
    person, client = await platform.person(), platform.client()
    await turned_on(platform, person)
    wrong = {"email": person.email, "password": PASSWORD, "totpCode": "000000"}
    statuses = [(await client.post("/auth/login", json=wrong)).status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2


async def test_second_factor_is_begun_once(platform: Platform) -> None:
    person = await platform.person()
    problem(await person.client.post("/auth/totp/confirm", json={"code": "123456"}), 409, "totp_not_started")
    uri = created(await person.client.post("/auth/totp"))["uri"]
    assert uri.startswith("otpauth://totp/Septet:")
    problem(await person.client.post("/auth/totp/confirm", json={"code": "1"}), 401, "invalid_totp_code")
    await turned_on(platform, person)
    problem(await person.client.post("/auth/totp"), 409, "totp_already_on")
