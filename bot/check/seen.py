"""What `telex check` has seen, as values: of Telegram, of X, and of this machine. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from twitter_core.errors import XError
from twitter_core.wire import Account


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer that can be read: `why` is the name of an error, or a status."""

    why: str


@dataclass(frozen=True, slots=True)
class No:
    """Telegram's own no."""

    code: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class Bot:
    """Whose token it is."""

    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Chat:
    """Whose an id of the settings is, as people know them."""

    name: str


@dataclass(frozen=True, slots=True)
class Telegram:
    """`chats` by owner's id; `webhook` is the host that messages are sent to, "" for none.

    `ahead` are the seconds that this machine's clock is ahead, None where that was not told.
    """

    host: str
    bot: Bot | No | Silence
    webhook: str | No | Silence = ""
    chats: tuple[tuple[int, Chat | No | Silence], ...] = ()
    ahead: float | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """What X says to the OAuth 1.0a set. `level` is its word for what the app may do, or "".

    `upload` is what it says to the beginning of a v1.1 upload: None for yes.
    """

    account: Account | XError
    user_id: str = ""  # as the access token says
    level: str = ""
    upload: XError | None = None
    upload_asked: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """The sign-in of the data folder. `asked` is X's answer, None where it was not asked.

    `is_last`: no other access token comes after this one; `is_over`: and its time is up.
    """

    account: Account | None
    scope: str
    is_last: bool = False
    is_over: bool = False
    asked: Account | XError | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The data folder has a sign-in that cannot be read."""

    why: str


@dataclass(frozen=True, slots=True)
class App:
    """The client of the settings. `answer` is what X says to it: None for yes."""

    client_id: str
    has_secret: bool
    answer: XError | None = None


@dataclass(frozen=True, slots=True)
class X:
    """`way` is X_UPLOAD; `questions` are those that X charges for; `ahead` as for Telegram."""

    host: str
    app: App
    scope: str
    way: str = "auto"
    keys: Keys | None = None
    stored: Stored | Unreadable | None = None
    ahead: float | None = None
    questions: int = 0


@dataclass(frozen=True, slots=True)
class Door:
    """Who is behind LISTEN: `free` for Telex to take, `telex`, or somebody else, or "" for none.

    `why` is said where it cannot be had.
    """

    is_free: bool = False
    is_telex: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Landing:
    """What came of the redirect address. `told` is a status or the name of an error."""

    listen: str
    url: str
    door: Door | None  # None: LISTEN is empty
    is_telex: bool = False
    is_answered: bool = False
    told: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """The data folder. `open_to_others` are the names in it (or "." itself) that others may read.

    `stopper` is what is in the way: "not a folder", "not yours", "not writable", "unreadable".
    """

    path: str
    is_there: bool
    stopper: str = ""
    open_to_others: tuple[str, ...] = ()
    free: int = 0  # bytes
