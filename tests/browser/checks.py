"""What must be true of every page that is shown. Each check gives what is wrong, or nothing."""

from pathlib import Path
from typing import Any

from tests.browser.chromium import Browser

MEASURES = (Path(__file__).parent / "measures.js").read_text()

LEAST_TEXT_RATIO = 4.5
"""https://www.w3.org/TR/WCAG22/#contrast-minimum"""

LEAST_MARK_RATIO = 3.0
"""https://www.w3.org/TR/WCAG22/#non-text-contrast"""


def measured(browser: Browser, what: str) -> Any:
    """What a function of measures.js returns."""
    return browser.run(f"{MEASURES}\nreturn {what}();")


def problems(browser: Browser) -> list[str]:
    """All that is wrong with the page that is shown, whatever it is about."""
    return [*complaints(browser), *flat_marks(browser), *overflow(browser), *faint(browser)]


def complaints(browser: Browser) -> list[str]:
    """What the console says, and what was asked of anybody but the page's own file."""
    asked = [f"asked for {url}" for url in browser.requests() if not url.startswith("file:")]
    return browser.console_errors() + asked


def flat_marks(browser: Browser) -> list[str]:
    """Marks of charts that cannot be seen. A level line has no height, only a width."""
    return [
        f"{mark['name']} has no size"
        for mark in measured(browser, "marks")
        if mark["width"] <= 0 or (mark["height"] <= 0 and not mark["name"].startswith(("path", "line")))
    ]


def overflow(browser: Browser) -> list[str]:
    """What reaches over the right edge of the window."""
    return [f"{name} reaches over the edge" for name in measured(browser, "overflowing")]


def faint(browser: Browser) -> list[str]:
    """Texts and marks with too little contrast."""
    texts = [
        f"{text['name']} {text['text']!r} has a contrast of {text['ratio']:.2f}"
        for text in measured(browser, "texts")
        if text["ratio"] < LEAST_TEXT_RATIO
    ]
    marks = [
        f"{mark['name']} has a contrast of {mark['ratio']:.2f}"
        for mark in measured(browser, "fills")
        if mark["ratio"] < LEAST_MARK_RATIO
    ]
    return texts + marks
