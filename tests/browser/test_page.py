"""The page in a real browser: charts are drawn, nothing is fetched, nothing is wrong, on any screen."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analytics.page import render
from tests.analytics.page.frames import COUNTS, empty_frames, frame, full_frames, heading, progress, storage
from tests.browser.checks import problems
from tests.browser.chromium import Browser, Look

pytestmark = pytest.mark.browser

DESKTOP, PHONE = Look(), Look(width=360, height=740)
LOOKS = {
    "desktop": DESKTOP,
    "phone": PHONE,
    "dark desktop": Look(dark=True),
    "dark phone": Look(width=360, height=740, dark=True),
    "paper": Look(width=760, printed=True),
}
each_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())


def huge_frames() -> dict[str, pd.DataFrame]:
    """A billion objects, 5 EB in all, in a job with a long name."""
    counts = {status: count * 500_000 for status, count in COUNTS.items()}
    job = "a-long-name-" * 8
    return full_frames(job) | {"progress": frame("progress", progress(job, counts, size=5 * 10**9))}


def several_frames() -> dict[str, pd.DataFrame]:
    one, other = full_frames("one"), full_frames("other")
    return {name: pd.concat([one[name], other[name]]) for name in one}


FRAMES: dict[str, Callable[[], dict[str, pd.DataFrame]]] = {
    "full": full_frames,
    "huge": huge_frames,
    "several jobs": several_frames,
    "empty": empty_frames,
    "nothing": dict,
}


@each_look
@pytest.mark.parametrize("frames", FRAMES.values(), ids=FRAMES.keys())
def test_nothing_is_wrong_with_the_page(
    browser: Browser, tmp_path: Path, frames: Callable[[], dict[str, pd.DataFrame]], look: Look
) -> None:
    page = tmp_path / "page.html"
    page.write_text(render(frames(), heading(attention_total=12)))
    browser.open(page, look)
    assert problems(browser) == []


BREAKS = {
    "an error in the script": ("<script>", "<script>missing();", "missing is not defined"),
    "an image from elsewhere": (
        "</main>",
        '<img src="https://example.com/x.png" alt=""></main>',
        "asked for https://example.com/x.png",
    ),
    "a text too faint": (
        ".note { color: var(--muted)",
        ".note { color: #b9c2ca",
        "p.note 'done' has a contrast of",
    ),
    "a mark too faint": (
        ".COPIED { fill: var(--copied)",
        ".COPIED { fill: #cfe5e1",
        "COPIED has a contrast of",
    ),
    "too wide": (".tiles { display", ".tiles { width: 90rem; display", "div.tiles reaches over the edge"),
    "a chart without height": (
        ".bar.duration {",
        ".bar.duration { height: 0;",
        "rect.bar duration has no size",
    ),
}


@pytest.mark.parametrize(("old", "new", "found"), BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_page_is_found_out(
    browser: Browser, html: str, tmp_path: Path, old: str, new: str, found: str
) -> None:
    assert html.count(old) == 1
    page = tmp_path / "broken.html"
    page.write_text(html.replace("Content-Security-Policy", "x-none").replace(old, new))
    browser.open(page, DESKTOP)
    assert any(found in problem for problem in problems(browser))


def test_the_policy_forbids_what_the_page_does_not_bring(browser: Browser, html: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        html.replace("</main>", '<img src="https://example.com/x.png"><b onclick="1">x</b></main>')
    )
    browser.open(page, DESKTOP)
    assert any("Content Security Policy" in error for error in browser.console_errors())
    assert browser.requests() == [page.as_uri()]


def test_every_chart_has_its_marks(browser: Browser, page: Path) -> None:
    browser.open(page, DESKTOP)
    found = browser.run(
        "const count = (name) => document.querySelectorAll(`figure.chart ${name}`).length;"
        "return [count('path.line'), count('rect.waiting'), count('rect.idle'), count('text.flag')];"
    )
    assert found == [5, 14, 14, 3 * 5], "five kinds of event, 14 days, five marks on each of three histograms"
    segments = browser.run("return document.querySelectorAll('.share .bar').length")
    assert segments == 2 * 6, "six statuses in objects and in bytes"


def test_a_status_bar_is_as_wide_as_its_share(browser: Browser, page: Path) -> None:
    browser.open(page, DESKTOP)
    widths = browser.run(
        "const bar = document.querySelector('.share svg'), whole = bar.getBoundingClientRect().width;"
        "return [...bar.querySelectorAll('.bar')].map((part) => part.getBoundingClientRect().width / whole);"
    )
    order = ("COPIED", "RESTORED", "RESTORING", "PENDING", "EXPIRED", "FAILED")
    total = sum(COUNTS.values())
    assert widths == pytest.approx([COUNTS[status] / total for status in order], abs=0.003)


def test_dark_mode_has_its_own_colours(browser: Browser, page: Path) -> None:
    seen: list[list[str]] = []
    for look in (DESKTOP, Look(dark=True)):
        browser.open(page, look)
        seen.append(
            browser.run(
                "const bar = document.querySelector('.bar.COPIED');"
                "return [getComputedStyle(document.body).backgroundColor, getComputedStyle(bar).fill];"
            )
        )
    assert seen == [["rgb(243, 246, 248)", "rgb(15, 123, 108)"], ["rgb(13, 20, 25)", "rgb(47, 181, 160)"]]


def test_the_page_never_scrolls_sideways_on_a_phone(browser: Browser, page: Path) -> None:
    browser.open(page, PHONE)
    assert browser.run("return document.documentElement.scrollWidth") == PHONE.width


def test_the_pointer_and_the_keys_read_a_chart(browser: Browser, page: Path) -> None:
    browser.open(page, DESKTOP)
    told = browser.run(
        "const plot = document.querySelectorAll('.plot')[0], tip = document.getElementById('tip');"
        "const box = plot.querySelector('svg').getBoundingClientRect();"
        "const at = { clientX: box.left + box.width * 0.999, clientY: box.top + 9, bubbles: true };"
        "plot.dispatchEvent(new PointerEvent('pointermove', at));"
        "const pointed = tip.textContent;"
        "plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home' }));"
        "const first = tip.textContent;"
        "plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));"
        "return [pointed, first, tip.hidden];"
    )
    assert told[0].startswith("2026-11-21 11:00\nrequested: 1,800")
    assert told[1].startswith("2026-11-20 06:00\nrequested: 180")
    assert told[2] is True


def test_hostile_keys_stay_text(browser: Browser, page: Path) -> None:
    browser.open(page, DESKTOP)
    assert browser.run("return document.querySelectorAll('img').length") == 0
    keys = browser.run("return [...document.querySelectorAll('.cards code')].map((key) => key.textContent)")
    assert any("</script><img src=x onerror=alert(1)>" in key for key in keys)


def test_costs_that_are_not_told_apart_are_one_bar_a_day(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    frames = full_frames() | {
        "temporary_storage": frame("temporary_storage", storage("autumn-2026", 9, split=False))
    }
    page.write_text(render(frames, heading()))
    browser.open(page, DESKTOP)
    found = browser.run(
        "return ['unsplit', 'waiting'].map((kind) => document.querySelectorAll(`rect.${kind}`).length)"
    )
    assert found == [9, 0]
