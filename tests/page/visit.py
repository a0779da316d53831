"""Somebody in front of the page: what they do there, and what they see."""

from __future__ import annotations

import base64

from playwright.async_api import BrowserContext, Locator, Page, ViewportSize, expect

from bot.demo.house import House
from bot.demo.stage import Stage
from bot.sandbox.telegram import Message
from bot.sandbox.x_world import Post

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


class Visit:
    """Somebody in front of the page, who also sees what is behind it."""

    def __init__(self, house: House, context: BrowserContext, page: Page) -> None:
        self.house = house
        self.context = context
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda told: self.hears(told.type, told.text))

    def hears(self, sort: str, text: str) -> None:
        # That a connection is refused while the server is away belongs to the tests of that.
        if sort in ("error", "warning") and "ERR_" not in text and "400" not in text:
            self.complaints.append(text)

    @property
    def stage(self) -> Stage:
        return self.house.stage

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="Messages")

    @property
    def cards(self) -> Locator:
        return self.log.locator(".message.theirs")

    @property
    def posts(self) -> Locator:
        return self.page.get_by_role("region", name="Timeline").get_by_role("article")

    @property
    def timeline(self) -> tuple[Post, ...]:
        return self.stage.x.timeline()

    async def opens(self) -> None:
        await self.page.goto(self.house.page.url)
        await self.sees_bot("Telex is running")

    async def sees_bot(self, words: str) -> None:
        await expect(self.page.locator("#bot")).to_have_text(words, timeout=20_000)

    async def types(self, text: str) -> None:
        await self.page.get_by_role("textbox", name="Message").fill(text)
        await self.page.keyboard.press("Enter")

    async def hears_of(self, text: str, seconds: float = 20) -> Locator:
        """The last message of the bot that says so."""
        card = self.cards.filter(has_text=text).last
        await expect(card).to_be_visible(timeout=seconds * 1000)
        return card

    async def drops(self, *files: tuple[str, str, bytes]) -> None:
        """Files (name, type, content) onto the chat."""
        given = [[name, kind, base64.b64encode(data).decode()] for name, kind, data in files]
        carried = await self.page.evaluate_handle(
            """given => {
                const carried = new DataTransfer();
                for (const [name, type, data] of given) {
                    const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
                    carried.items.add(new File([bytes], name, { type }));
                }
                return carried;
            }""",
            given,
        )
        for event in ("dragenter", "dragover", "drop"):
            await self.page.dispatch_event("#log", event, {"dataTransfer": carried})

    async def sends(self, caption: str = "", how: str = "") -> None:
        """What lies in the sheet."""
        sheet = self.page.get_by_role("dialog", name="Send")
        await sheet.get_by_label("Caption").fill(caption)
        if how:
            await sheet.get_by_label(how, exact=True).check()
        await sheet.get_by_role("button", name="Send").click()
        await expect(sheet).to_be_hidden()

    async def breaks(self, title: str) -> None:
        switch = self.page.get_by_role("switch", name=title)
        await switch.click()
        await expect(switch).to_be_checked()

    async def mends(self) -> None:
        await self.page.get_by_role("button", name="Mend all").click()
        await expect(self.page.get_by_text("Everything works.")).to_be_visible()

    async def signs_in(self) -> None:
        """Without the browser, for what comes after."""
        sent = self.stage.owner.sends_text("/auth")
        await self.pasted(sent)

    async def pasted(self, sent: Message) -> None:
        owner, x = self.stage.owner, self.stage.x
        link = await owner.sees("Sign in to X with this link", after=sent)
        sent = owner.sends_text(x.consent(link.buttons[0][0].url or ""))
        await owner.sees("Signed in as", after=sent)
