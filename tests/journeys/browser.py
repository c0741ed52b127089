"""A person at a browser: what they see and press, and everything that must never happen while they do."""
import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.journeys.installation import PASSWORD, Installation

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
PATIENCE = 40_000      # milliseconds; the machine may be busy with other tests
expect.set_options(timeout=PATIENCE)
# Nothing that a browser does by itself: no look-ups, no updates, no sandbox (it needs rights that containers lack).
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
             "--disable-component-update", "--disable-default-apps", "--disable-domain-reliability", "--disable-sync",
             "--disable-client-side-phishing-detection", "--metrics-recording-only", "--no-first-run", "--no-pings"]
# What reaches beyond the right edge, to name the culprit.
BESIDE = """() => [...document.querySelectorAll("body *")].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.right > document.documentElement.clientWidth + 1 && box.width && getComputedStyle(e).position !== "fixed";
}).slice(0, 5).map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)"""


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium, the one that CHROMIUM_PATH names or the first found."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    path = os.environ.get("CHROMIUM_PATH") or found or "/usr/bin/chromium"
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


class Person:
    """Somebody logged in, in a browser of their own. `troubles` collects what the browser complains about."""

    def __init__(self, browser: Browser, installation: Installation, username: str) -> None:
        self.installation = installation
        self.context = browser.new_context(base_url=installation.url, locale="zh-CN", timezone_id="Asia/Shanghai",
                                           viewport=DESK)
        self.context.set_default_timeout(PATIENCE)
        self.troubles: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("request", self._note_request)
        self.page.on("response", self._note_response)
        self.log_in(username)

    def _note_console(self, message) -> None:
        """Errors and warnings; a refused style or script is an error here too."""
        if message.type in ("error", "warning"):
            self.troubles.append(f"console: {message.text}")

    def _note_request(self, request) -> None:
        if urlsplit(request.url).netloc not in ("", urlsplit(self.installation.url).netloc):
            self.troubles.append(f"another host: {request.url}")

    def _note_response(self, response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status}: {response.url}")

    @contextlib.contextmanager
    def refused(self) -> Iterator[None]:
        """A form comes back meanwhile with what is wrong in it (422); the browser's own word for that is no trouble."""
        before = len(self.troubles)
        yield
        self.troubles[before:] = [trouble for trouble in self.troubles[before:] if "422" not in trouble]

    def log_in(self, username: str) -> None:
        """From any page: who has no session is led to the login."""
        if not self.page.url.startswith("http"):
            self.page.goto("/")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.press(self.page.get_by_role("button", name="登录"))
        expect(self.page.locator(".officer")).to_be_visible()

    def menu(self, label: str) -> None:
        """Go somewhere by the menu on the left; behind an entry may stand how much waits there."""
        self.press(self.page.locator("#navigation").get_by_role("link", name=re.compile(rf"^{label}(\s|$)")))

    def press(self, target: Locator) -> None:
        """Click what leads to another page, and wait until it is there."""
        with self.page.expect_navigation():
            target.click()

    def result(self, label: str) -> Locator:
        """The link to what a job made, once it is there; a job that failed says why."""
        ended = self.page.locator("article.job-done, article.job-failed")
        expect(ended).to_be_visible()
        assert "job-done" in ended.get_attribute("class"), ended.inner_text()
        return ended.get_by_role("link", name=label)

    def look(self) -> None:
        """The page fits a county desk and a phone: nothing makes it scroll sideways."""
        for size in (PHONE, DESK):
            self.page.set_viewport_size(size)
            widths = self.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
            if widths[0] > size["width"]:
                beside = self.page.evaluate(BESIDE)
                self.troubles.append(f"{self.page.url} is {widths[0]} wide at {size['width']}: {beside}")

    def leave(self) -> None:
        self.context.close()
