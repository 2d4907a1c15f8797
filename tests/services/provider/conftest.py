"""The provider on a real port."""

from collections.abc import AsyncIterator

import pytest
from tests.platform import Platform
from tests.serving import served


@pytest.fixture(scope="session")
async def provider_url(platform: Platform) -> AsyncIterator[str]:
    async with served(platform._provider.app) as url:
        yield url
