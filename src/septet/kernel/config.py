"""Settings are environment variables named `SEPTET_…`; an unknown or bad one is refused by name before anything starts.

The platform's are in `Settings`. Each service adds a class of its own in its `settings.py`:

    class LinksSettings(ServiceSettings, service="links"):
        code_length: int = Field(7, ge=7, le=32, description="Length of a generated short code, in characters.")

which reads `SEPTET_LINKS_CODE_LENGTH`. Secrets are not settings: see `septet.kernel.secrets`.
"""

import difflib
import ipaddress
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "SEPTET_"
SECRET_PREFIX = "SEPTET_SECRET_"  # noqa: S105 - the beginning of a name, not a secret


class ConfigurationError(Exception):
    """Settings that cannot be used; `problems` holds a sentence for each, naming the setting and how to mend it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def _split_commas(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _url(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if urlsplit(value).scheme not in schemes:
            raise ValueError(f"must be a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    return AfterValidator(check)


def _own_url(fields: dict[str, object]) -> str:
    return f"http://127.0.0.1:{fields.get('web_port', 8000)}"


def _network(value: str) -> str:
    return str(ipaddress.ip_network(value))


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode, BeforeValidator(_split_commas)]
Port = Annotated[int, Field(ge=1, le=65535)]
PostgresUrl = Annotated[str, _url("postgresql", "postgres")]
ValkeyUrl = Annotated[str, _url("redis", "rediss", "valkey", "valkeys", "unix", "redis+cluster", "rediss+cluster")]
HttpUrl = Annotated[str, _url("http", "https")]
WebSocketUrl = Annotated[str, _url("ws", "wss")]


class Settings(BaseSettings):
    """The platform's settings."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    data_dir: Path = Field(Path(".septet"), description="Directory of the embedded engines' data, of secrets and logs.")
    host: str = Field("127.0.0.1", description="Address that every port listens on; 0.0.0.0 for all IPv4 addresses.")
    web_port: Port = Field(8000, description="TCP port of the HTTP API and the console.")
    gateway_port: Port = Field(8001, description="TCP port of the WebSocket gateway.")
    grpc_port: int = Field(8002, ge=0, le=65535, description="TCP port of the gRPC interface; 0: none.")
    provider_port: Port = Field(12111, description="TCP port of the fake payment provider.")
    public_url: HttpUrl = Field(default_factory=_own_url, description="URL under which people reach the web port.")
    gateway_url: WebSocketUrl | None = Field(
        None,
        description="URL under which browsers reach the gateway; unset: the console's host with the gateway's port.",
    )

    postgres_url: PostgresUrl | None = Field(
        None, description="PostgreSQL 15 or later, as the application's role; unset: embedded."
    )
    postgres_owner_url: PostgresUrl | None = Field(
        None, description="The same database as the role that owns the schema; only migrations use it."
    )
    valkey_url: ValkeyUrl | None = Field(None, description="Valkey 8 or Redis 7 and later; unset: embedded.")
    clickhouse_url: HttpUrl | None = Field(None, description="ClickHouse's HTTP interface; unset: embedded.")
    appendfsync: Literal["everysec", "always"] = Field(
        "everysec", description="When the embedded Valkey syncs its append-only file to disk."
    )

    services: CommaList = Field((), description="Services to run, separated by commas; empty: all.")
    web_processes: int = Field(1, ge=1, le=64, description="Number of web processes that share the web port.")
    fastlane: bool = Field(
        True, description="Answer hot routes in the fast lane rather than in the ordinary endpoints."
    )
    limit_requests: bool = Field(
        True, description="Let every request of an organization pass its own limits; false saves a call of Valkey each."
    )
    keep_own_logs: bool = Field(
        True, description="Store what Septet itself logs, a line for each request and job included, in its log service."
    )
    virtual_clock: bool = Field(False, description="Let POST /clock/advance move time forward; for tests only.")
    engine_patience_seconds: float = Field(
        1.0, ge=0.2, le=60, description="How long a silent engine is waited for before it counts as down, in seconds."
    )
    drain_seconds: float = Field(
        10.0, ge=0, le=600, description="Longest wait for requests and jobs in flight when stopping, in seconds."
    )

    max_body_bytes: int = Field(1_048_576, ge=1024, description="Largest request body, in bytes; a larger one is 413.")
    cors_origins: CommaList = Field((), description="Origins of other web sites that may call the API; * for any.")
    trusted_proxies: Networks = Field(
        (), description="Networks of reverse proxies whose Forwarded and X-Forwarded-For headers are believed."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    log_format: Literal["auto", "json", "pretty"] = Field(
        "auto", description="Form of log lines; auto: pretty on a terminal, else JSON."
    )
    otlp_endpoint: HttpUrl | None = Field(
        None, description="OTLP/HTTP endpoint that receives traces; unset: none sent."
    )

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        ports = [self.web_port, self.gateway_port, self.grpc_port, self.provider_port]
        if len(set(ports)) < len(ports):
            raise ValueError(
                "SEPTET_WEB_PORT, _GATEWAY_PORT, _GRPC_PORT and _PROVIDER_PORT must be four different ports"
            )
        return self

    def runs(self, service: str) -> bool:
        """Tell whether `service` is among those to run."""
        return not self.services or service in self.services


class ServiceSettings(BaseSettings):
    """The settings of one service, read from `SEPTET_<SERVICE>_…`; a subclass registers itself."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="forbid", frozen=True)

    registered: ClassVar[dict[str, type["ServiceSettings"]]] = {}

    def __init_subclass__(cls, *, service: str) -> None:
        super().__init_subclass__()
        cls.model_config = SettingsConfigDict(**{**cls.model_config, "env_prefix": f"{PREFIX}{service.upper()}_"})
        cls.registered[service] = cls


def load_settings(known_services: Collection[str] = ()) -> Settings:
    """Read the platform's settings from the environment and check those of every registered service.

    Raises ConfigurationError, with all problems at once.
    """
    problems = list(_unknown_variables(os.environ))
    for cls in ServiceSettings.registered.values():
        problems += _problems_of(cls)
    problems += _problems_of(Settings)
    if problems:
        raise ConfigurationError(problems)
    settings = Settings()
    unknown = [name for name in settings.services if known_services and name not in known_services]
    if unknown:
        known = ", ".join(sorted(known_services))
        raise ConfigurationError(
            f"SEPTET_SERVICES: there is no service {name!r}; there are {known}." for name in unknown
        )
    return settings


def _unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    known = [name for cls in _classes() for name, _ in _variables(cls)]
    for name in sorted(environment):
        if name.startswith(PREFIX) and not name.startswith(SECRET_PREFIX) and name not in known:
            yield f"{name} is not a setting{_nearest(name, known)} (`septet config` lists them all)."


def _nearest(name: str, known: Iterable[str]) -> str:
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {matches[0]}" if matches else ""


def _problems_of(cls: type[BaseSettings]) -> list[str]:
    try:
        cls()
    except ValidationError as error:
        # A default that follows another field is no problem of its own when that other field is bad.
        problems = [problem for problem in error.errors() if problem["type"] != "default_factory_not_called"]
        return [_sentence(cls, problem["loc"], problem["msg"]) for problem in problems]
    return []


def _sentence(cls: type[BaseSettings], location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    if not location:
        return f"{message}."
    name = str(location[0])
    field = cls.model_fields[name]
    default = _shown(_default(field))
    return f"{_variable(cls, name)} {message}. It means: {field.description} Default: {default}."


def _classes() -> list[type[BaseSettings]]:
    return [Settings, *ServiceSettings.registered.values()]


def _variables(cls: type[BaseSettings]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in cls.model_fields.items():
        yield _variable(cls, name), field


def _variable(cls: type[BaseSettings], name: str) -> str:
    return f"{cls.model_config['env_prefix']}{name}".upper()


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as `septet config` shows it; secret parts of values are masked."""

    name: str
    value: str
    default: str
    source: Literal["default", "environment", "command line"]
    meaning: str


def describe(from_command_line: Collection[str] = ()) -> Iterator[SettingRow]:
    """Yield every setting of the platform and of the registered services; `from_command_line` names those set there."""
    for cls in _classes():
        values = cls()
        for name, (variable, field) in zip(cls.model_fields, _variables(cls), strict=True):
            source: Literal["default", "environment", "command line"] = "default"
            if variable in from_command_line:
                source = "command line"
            elif os.environ.get(variable):
                source = "environment"
            value = _shown(getattr(values, name))
            yield SettingRow(variable, value, _shown(_default(field)), source, field.description or "")


def _default(field: FieldInfo) -> object:
    return field.get_default(call_default_factory=True, validated_data={})


def _shown(value: object) -> str:
    if value is None:
        return "unset"
    if isinstance(value, SecretStr):
        return "••••••" if value.get_secret_value() else "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(_shown, value)) or "empty"
    return without_password(str(value)) or "empty"


def without_password(value: str) -> str:
    """Mask the password of a URL; any other text comes back as it is."""
    if "://" not in value or (parts := urlsplit(value)).password is None:
        return value
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:••••••@{host}"))
