"""One Chromium for all tests, and the pages it is shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.page import render
from tests.analytics.page.frames import full_frames, heading
from tests.browser.chromium import Browser, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def html() -> str:
    """The page of one job under way."""
    return render(full_frames(), heading(attention_total=1234))


@pytest.fixture
def page(html: str, tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(html)
    return path
