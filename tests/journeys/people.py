"""People of the journeys in a browser: they go by what they see, in their own language."""

import email
import email.policy
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core import mail
from django.utils import translation
from django.utils.translation import gettext, pgettext

if TYPE_CHECKING:
    from accounts.models import Organisation
    from tests.cast import Player

Label = str | tuple[str, str]  # an English text, or one and its context
# English sentences where Chinese is promised: four words in a row, neither marked as English nor
# written by another person.
# what is folded away is opened by who fills it in
UNFOLD = """node => {
  for (let part = node.closest("details"); part; part = part.parentElement.closest("details"))
    part.open = true;
}"""
ENGLISH_LEFT = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const home = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (/[A-Za-z]+( [A-Za-z’']+){3,}/.test(text) && home.checkVisibility()
        && !home.closest('[lang]').lang.startsWith('en')
        && !home.closest('.message__body, .case-note')) found.push(text);
  }
  return found;
}"""


class Person:
    """A page of a browser and the language its owner reads.

    Labels are given in English and looked for as the catalogues have them, so both people of a
    journey walk the same way. Every page that is reached is looked over.
    """

    def __init__(self, page: Any, language: str = "en") -> None:
        self.page = page
        self.language = language
        self.width = page.viewport_size["width"]

    # --- words

    def word(self, english: str, context: str = "") -> str:
        with translation.override(self.language):
            return pgettext(context, english) if context else gettext(english)

    def _label(self, english: str, context: str = "") -> re.Pattern[str]:
        optional = re.escape(self.word("optional"))
        text = re.escape(self.word(english, context))
        return re.compile(rf"^\s*{text}(\s+{optional})?\s*$")

    # --- ways

    def open(self, address: str) -> None:
        """An address that was typed or came by mail."""
        answer = self.page.goto(address)
        assert answer.status == 200, (address, answer.status)
        self.look()

    def follow(self, link: str, context: str = "", within: Any = None) -> None:
        """The first visible link of that name."""
        name = self.word(link, context)
        self.through((within or self.page).get_by_role("link", name=name).first)

    def press(self, button: str, context: str = "", within: Any = None) -> None:
        """A button that leads to a page."""
        name = self.word(button, context)
        self.through((within or self.page).get_by_role("button", name=name).first)

    def through(self, control: Any) -> None:
        with self.page.expect_navigation():
            control.click()
        self.look()

    def go(self, place: str) -> None:
        """A place of the main navigation; on a phone it is behind the menu button."""
        header = self.page.locator("header")
        if self.width < 700:
            header.locator("details.burger > summary").click()
        name = re.compile(rf"^{re.escape(self.word(place))}( \d+)?$")
        self.through(header.get_by_role("link", name=name).locator("visible=true").first)

    def menu(self, place: str) -> None:
        """A place in one's own menu."""
        self.page.locator("details.menu--account > summary").click()
        self.follow(place, within=self.page.locator("details.menu--account"))

    def confirm(self, summary: str, submit: str, within: Any = None) -> None:
        """A step that is asked about once more, in a panel that its button unfolds."""
        name = re.compile(rf"^\s*{re.escape(self.word(summary))}\s*$")
        panel = (
            (within or self.page)
            .locator("details.confirm")
            .filter(has=self.page.locator("summary", has_text=name))
        )
        panel.first.locator("summary").click()
        self.press(submit, within=panel.first)

    # --- forms

    def field(self, label: str, within: Any = None, context: str = "") -> Any:
        controls = self.page.locator("input, select, textarea")
        return (within or self.page).get_by_label(self._label(label, context)).and_(controls)

    def fill(self, fields: Mapping[Label, str], within: Any = None) -> None:
        """Values by the labels of their inputs, or by (label, its context in the catalogue)."""
        for label, value in fields.items():
            words, context = (label, "") if isinstance(label, str) else label
            control = self.field(words, within, context).first
            control.evaluate(UNFOLD)
            if control.evaluate("node => node.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)

    # --- what is seen

    def sees(self, text: str | re.Pattern[str]) -> None:
        found = self.page.locator("body").get_by_text(text).locator("visible=true").first
        found.wait_for()

    def sees_word(self, english: str, context: str = "") -> None:
        self.sees(self.word(english, context))

    def finds(self, text: str, seconds: float = 20) -> None:
        """Looks at the page again until the worker's doing shows on it."""
        give_up = time.monotonic() + seconds
        while text not in self.page.locator("main").inner_text():
            assert time.monotonic() < give_up, f"{text} did not come: {self.page.url}"
            time.sleep(0.2)
            self.page.reload()
        self.look()

    def look(self) -> None:
        """No page is wider than the screen; none speaks English to who reads Chinese."""
        where = self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, where
        if self.language != "en":
            left = self.page.evaluate(ENGLISH_LEFT)
            assert not left, (where, left)


def sign_in(person: Person, player: "Player") -> None:
    """Somebody of the cast, once in a test."""
    from allauth.account.models import EmailAddress

    from tests.cast import PASSWORD

    user = player.user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    person.open("/account/login/")
    person.fill({"E-mail address": user.email, "Password": PASSWORD})
    person.press("Sign in", within=person.page.locator("main"))


def engage(organisation: "Organisation", *roles: str, name: str) -> "Player":
    """One more person of an organisation, who can sign in."""
    from django.contrib.auth.hashers import make_password

    from accounts.models import Membership, User
    from tests.cast import PASSWORD, Player

    user = User.objects.create(
        email=f"{name.lower().replace(' ', '.')}@more.example", name=name,
        password=make_password(PASSWORD),
    )  # fmt: skip
    Membership.objects.create(user=user, organisation=organisation, roles=list(roles))
    return Player(name, user, organisation, "")


def mailed_link(to: str, part: str) -> str:
    """The newest link with `part` in it of the mails that this process sent to that address."""
    found = [
        link
        for letter in mail.outbox
        if to in letter.to
        for link in re.findall(rf"https?://\S*{re.escape(part)}\S*", str(letter.body))
    ]
    assert found, f"no mail to {to} with {part}"
    return str(found[-1])


class Post:
    """The mail that the worker process wrote, in files of its folder."""

    def __init__(self, folder: Path, wait_until: Callable[..., None]) -> None:
        self.folder = folder
        self.wait_until = wait_until

    def letters(self, to: str) -> list[Any]:
        found = []
        for file in sorted(self.folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns):
            for text in file.read_bytes().split(b"-" * 79 + b"\n"):
                letter = email.message_from_bytes(text, policy=email.policy.default)
                if letter["To"] == to:
                    found.append(letter)
        return found

    def link(self, to: str, part: str) -> str:
        """The link with `part` in it, of a letter that has come or is coming."""
        pattern = re.compile(rf"https?://\S*{re.escape(part)}\S*")

        def links() -> list[str]:
            return [
                link
                for letter in self.letters(to)
                for link in pattern.findall(letter.get_body(("plain",)).get_content())
            ]

        self.wait_until(links, 20, lambda: f"no mail to {to} with {part}")
        return links()[-1]
