"""Envoy's protocol, spoken by a client that protoc generates from the service's published definition."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
import grpc_tools
import pytest
from grpc_tools import protoc
from tests.platform import Platform
from tests.services.limits.conftest import Limited, limited_on

from septet.services.limits.envoy import serving

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, ModuleType]:
    """The messages and the stub."""
    folder = tmp_path_factory.mktemp("rls")
    includes = Path(grpc_tools.__file__).parent / "_proto"
    arguments = [f"-I{HERE}", f"-I{includes}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
    assert protoc.main(["protoc", *arguments, "limits_rls.proto"]) == 0
    return _load(folder / "limits_rls_pb2.py"), _load(folder / "limits_rls_pb2_grpc.py")


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def should_rate_limit(
    limited: Limited, platform: Platform, generated: tuple[ModuleType, ModuleType], times: int, key: str | None = None
) -> list[Any]:
    messages, stubs = generated
    entries = [messages.Entry(key="path", value="/orders"), messages.Entry(key="user_id", value="ada")]
    request = messages.RateLimitRequest(domain="shop", descriptors=[messages.Descriptor(entries=entries)])
    async with (
        serving(platform.runtime, "127.0.0.1:0") as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub = stubs.RateLimitServiceStub(channel)
        metadata = (("x-api-key", limited.key if key is None else key),)
        return [await stub.ShouldRateLimit(request, metadata=metadata) for _ in range(times)]


async def test_over_limit(platform: Platform, generated: tuple[ModuleType, ModuleType]) -> None:
    limited = await limited_on(platform)
    await limited.rule(name="orders", scope="user", route="/orders", limit=2)
    responses = await should_rate_limit(limited, platform, generated, 3)
    code = generated[0].RateLimitResponse
    assert [response.overall_code for response in responses] == [code.OK, code.OK, code.OVER_LIMIT]
    status = responses[2].statuses[0]
    assert (status.code, status.limit_remaining, status.current_limit.name) == (code.OVER_LIMIT, 0, "orders")
    assert status.current_limit.unit == code.RateLimit.HOUR and status.current_limit.requests_per_unit == 2
    assert status.duration_until_reset.seconds > 3000
    assert "retry-after" in {header.key for header in responses[2].response_headers_to_add}


async def test_unknown_key(platform: Platform, generated: tuple[ModuleType, ModuleType]) -> None:
    limited = await limited_on(platform)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await should_rate_limit(limited, platform, generated, 1, key="nonsense")
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
