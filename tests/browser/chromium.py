"""Headless Chromium, Debian's, as a reader of one page."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

BROWSER = "/usr/bin/chromium"
DRIVER = "/usr/bin/chromedriver"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)


@dataclass(frozen=True)
class Look:
    """How a page is looked at; width and height in CSS pixels."""

    width: int = 1120
    height: int = 900
    dark: bool = False
    printed: bool = False


@dataclass(frozen=True)
class Browser:
    """A running Chromium."""

    driver: Chrome

    def open(self, page: Path, look: Look) -> None:
        """Shows the file `page` and waits until it has loaded."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if look.dark else "light"}
        self.send("Emulation.setEmulatedMedia", media="print" if look.printed else "", features=[scheme])
        size = {"width": look.width, "height": look.height, "deviceScaleFactor": 1}
        self.send("Emulation.setDeviceMetricsOverride", **size, mobile=False)
        self._log("browser")
        self._log("performance")
        self.driver.get(page.as_uri())

    def send(self, command: str, **options: Any) -> Any:
        """A command of the DevTools protocol."""
        return cast("Any", self.driver).execute_cdp_cmd(command, options)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a JavaScript function body returns."""
        return cast("Any", self.driver).execute_script(script, *arguments)

    def console_errors(self) -> list[str]:
        """What the page has complained of since it was asked last: warnings and worse."""
        return [f"{entry['level']} {entry['message']}" for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """The addresses asked for since it was asked last, but for data: addresses and what the page's own
        policy held back (the console tells of that)."""
        events = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        held = {
            event["params"]["requestId"] for event in events if event["params"].get("blockedReason") == "csp"
        }
        sent = {
            event["params"]["requestId"]: str(event["params"]["request"]["url"])
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        }
        return [url for number, url in sent.items() if number not in held and not url.startswith("data:")]

    def screenshot(self, to: Path) -> None:
        self.driver.save_screenshot(str(to))

    def _log(self, name: str) -> list[dict[str, Any]]:
        return cast("Any", self.driver).get_log(name)


@contextmanager
def chromium() -> Generator[Browser]:
    """Starts Chromium and ends it. Selenium fetches nothing: both programs are named."""
    options = ChromeOptions()
    options.binary_location = BROWSER
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(executable_path=DRIVER))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
