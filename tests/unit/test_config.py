"""Settings are checked by name before anything starts; secrets are made once and kept."""

import os
import stat
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from septet.commands.startup import import_service_settings, settings_of
from septet.kernel.config import (
    ConfigurationError,
    ServiceSettings,
    Settings,
    describe,
    load_settings,
    without_password,
)
from septet.kernel.secrets import Secrets


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without Septet's variables, put back afterwards with whatever a test left in it."""
    for name in [name for name in os.environ if name.startswith("SEPTET_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    return monkeypatch


@pytest.fixture
def parcels(monkeypatch: pytest.MonkeyPatch) -> type[ServiceSettings]:
    """The settings of a service that exists for one test."""
    monkeypatch.setattr(ServiceSettings, "registered", dict(ServiceSettings.registered))

    class ParcelsSettings(ServiceSettings, service="parcels"):
        weight: int = Field(5, ge=1, description="Weight of a parcel, in grams.")
        api_key: SecretStr = Field(SecretStr(""), description="Key of the carrier.")

    return ParcelsSettings


def refused() -> str:
    with pytest.raises(ConfigurationError) as raised:
        load_settings()
    return str(raised.value)


def test_without_any_setting_the_defaults_hold() -> None:
    settings = load_settings()
    assert (settings.web_port, settings.gateway_port, settings.provider_port) == (8000, 8001, 12111)
    assert settings.postgres_url is None
    assert settings.runs("links")


def test_an_unknown_setting_is_refused_with_the_nearest_known_name() -> None:
    os.environ["SEPTET_WEB_PROT"] = "1"
    assert "SEPTET_WEB_PROT is not a setting; did you mean SEPTET_WEB_PORT" in refused()


def test_every_bad_value_is_named_at_once_with_its_meaning() -> None:
    os.environ |= {"SEPTET_WEB_PORT": "abc", "SEPTET_APPENDFSYNC": "never", "SEPTET_POSTGRES_URL": "mysql://h/d"}
    message = refused()
    assert len(message.splitlines()) == 3
    assert "TCP port of the HTTP API" in message
    assert "SEPTET_APPENDFSYNC" in message
    assert "postgresql://" in message


@pytest.mark.parametrize("value", ["0", "65536", "-1", "8000.5", "8001"])
def test_a_port_out_of_range_or_given_twice_is_refused(value: str) -> None:
    os.environ["SEPTET_WEB_PORT"] = value
    assert "SEPTET_WEB_PORT" in refused()


def test_an_empty_variable_counts_as_not_set() -> None:
    os.environ |= {"SEPTET_VALKEY_URL": "", "SEPTET_WEB_PORT": ""}
    assert load_settings() == Settings()


def test_lists_are_separated_by_commas() -> None:
    os.environ |= {"SEPTET_SERVICES": "links, limits", "SEPTET_TRUSTED_PROXIES": "10.0.0.0/8,::1"}
    settings = load_settings()
    assert settings.services == ("links", "limits")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1/128")
    assert settings.runs("limits")
    assert not settings.runs("chat")


def test_a_service_that_does_not_exist_is_refused() -> None:
    os.environ["SEPTET_SERVICES"] = "tenancy,lynx"
    with pytest.raises(ConfigurationError, match="no service 'lynx'; there are links, tenancy"):
        load_settings(["tenancy", "links"])


def test_the_public_url_follows_the_web_port() -> None:
    os.environ["SEPTET_WEB_PORT"] = "9000"
    assert load_settings().public_url == "http://127.0.0.1:9000"
    os.environ["SEPTET_PUBLIC_URL"] = "https://septet.example"
    assert load_settings().public_url == "https://septet.example"


def test_a_service_reads_its_settings_under_its_own_name(parcels: type[ServiceSettings]) -> None:
    os.environ["SEPTET_PARCELS_WEIGHT"] = "9"
    load_settings()
    assert parcels().model_dump()["weight"] == 9
    os.environ["SEPTET_PARCELS_WEIGHT"] = "0"
    assert "SEPTET_PARCELS_WEIGHT should be greater than or equal to 1" in refused()


def test_a_setting_misspelt_within_a_service_is_refused(parcels: type[ServiceSettings]) -> None:
    os.environ["SEPTET_PARCELS_WIGHT"] = "9"
    assert f"did you mean {parcels.model_config['env_prefix']}WEIGHT" in refused()


def test_the_command_line_wins_over_the_environment_and_reaches_child_processes() -> None:
    os.environ["SEPTET_WEB_PORT"] = "9000"
    settings = settings_of(["web_port=9100", "SEPTET_LOG_LEVEL=debug"], web_processes=3, virtual_clock=None)
    assert (settings.web_port, settings.log_level, settings.web_processes) == (9100, "debug", 3)
    assert os.environ["SEPTET_WEB_PORT"] == "9100"
    with pytest.raises(ConfigurationError, match="NAME=VALUE"):
        settings_of(["web_port"])


def test_the_list_of_settings_tells_value_default_source_and_meaning() -> None:
    os.environ["SEPTET_WEB_PORT"] = "9000"
    os.environ["SEPTET_GATEWAY_PORT"] = "9001"
    rows = {row.name: row for row in describe(["SEPTET_GATEWAY_PORT"])}
    assert (rows["SEPTET_WEB_PORT"].value, rows["SEPTET_WEB_PORT"].default) == ("9000", "8000")
    assert rows["SEPTET_WEB_PORT"].source == "environment"
    assert rows["SEPTET_GATEWAY_PORT"].source == "command line"
    assert rows["SEPTET_HOST"].source == "default"


def test_secrets_and_passwords_are_never_shown(parcels: type[ServiceSettings]) -> None:
    os.environ["SEPTET_PARCELS_API_KEY"] = "hush-hush"
    os.environ["SEPTET_POSTGRES_URL"] = "postgresql://app:swordfish@db:5432/septet?sslmode=require"
    shown = "\n".join(f"{row}" for row in describe())
    assert "hush-hush" not in shown
    assert "swordfish" not in shown
    assert without_password("redis://:swordfish@h:1/0") == "redis://:••••••@h:1/0"
    assert parcels.__name__ == "ParcelsSettings"


def test_every_setting_is_described_and_no_two_share_a_name() -> None:
    import_service_settings()
    rows = list(describe())
    assert [row.name for row in rows if not row.meaning.endswith((".", ")"))] == []
    assert [name for name, count in Counter(row.name for row in rows).items() if count > 1] == []


def test_secrets_are_made_once_and_kept_readable_by_the_owner_alone(tmp_path: Path) -> None:
    first = Secrets.load(tmp_path / "data")
    file = tmp_path / "data" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len({first.session_pepper, first.signing_key, first.encryption_key}) == 3
    assert Secrets.load(tmp_path / "data") == first
    assert [path.name for path in file.parent.iterdir()] == ["secrets.json"]


def test_processes_that_start_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(Secrets.load, [tmp_path] * 64))) == 1


def test_a_secret_from_the_environment_wins_and_needs_its_length(tmp_path: Path) -> None:
    os.environ["SEPTET_SECRET_SIGNING_KEY"] = "A" * 43
    assert Secrets.load(tmp_path).signing_key == bytes(32)
    os.environ["SEPTET_SECRET_SIGNING_KEY"] = "short"
    with pytest.raises(ConfigurationError, match="SEPTET_SECRET_SIGNING_KEY must be 32 or more random bytes"):
        Secrets.load(tmp_path)


def test_an_unknown_secret_and_a_damaged_file_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(ConfigurationError, match=r"secrets\.json cannot be read"):
        Secrets.load(tmp_path)
    os.environ["SEPTET_SECRET_SINGING_KEY"] = "A" * 43
    with pytest.raises(ConfigurationError, match="SEPTET_SECRET_SINGING_KEY is not a secret"):
        Secrets.load(tmp_path)


def test_a_secret_that_a_later_release_adds_is_added_to_the_file(tmp_path: Path) -> None:
    first = Secrets.load(tmp_path)
    file = tmp_path / "secrets.json"
    file.write_text("\n".join(line for line in file.read_text().splitlines() if "session_pepper" not in line))
    second = Secrets.load(tmp_path)
    assert second.signing_key == first.signing_key
    assert second.session_pepper != first.session_pepper
    assert Secrets.load(tmp_path) == second


def test_derived_keys_differ_by_purpose(tmp_path: Path) -> None:
    secrets = Secrets.load(tmp_path)
    assert secrets.derive("cookies") == secrets.derive("cookies")
    assert secrets.derive("cookies") != secrets.derive("tokens")
    assert len(secrets.derive("nonce", 12)) == 12
