"""What the local X holds: accounts, apps, tokens, media, posts, the bill.

Values only; what may be done with them is decided elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

EPOCH = 1_288_834_974_657  # of X's ids, in milliseconds
SCOPES = frozenset(
    {
        *("tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "media.write"),
        *("offline.access", "like.read", "like.write", "follows.read", "follows.write"),
        *("bookmark.read", "bookmark.write", "dm.read", "dm.write", "list.read", "list.write"),
        *("mute.read", "mute.write", "block.read", "block.write", "space.read", "timeline.read"),
    }
)


@dataclass(slots=True)
class Account:
    id: str
    username: str
    name: str
    premium: bool = False
    suspended: bool = False
    locked: bool = False


@dataclass(slots=True)
class App:
    client_id: str
    client_secret: str | None  # None: a public client
    redirect_uris: list[str]
    consumer_key: str
    consumer_secret: str
    read_write: bool = True
    enrolled: bool = True


@dataclass(slots=True)
class OAuth1Token:
    token: str
    secret: str
    account_id: str
    consumer_key: str
    read_write: bool = True  # as the app was when the token was made
    revoked: bool = False


@dataclass(slots=True)
class Code:
    code: str
    client_id: str
    account_id: str
    redirect_uri: str
    scope: tuple[str, ...]
    challenge: str
    ends: float
    family: str | None = None  # set once the code was used


@dataclass(slots=True)
class Token:
    access: str
    refresh: str | None
    family: str
    client_id: str
    account_id: str
    scope: tuple[str, ...]
    ends: float
    refresh_ends: float
    used: bool = False  # the access token was shown once
    spent: bool = False  # the refresh token was used
    access_ended: bool = False
    refresh_ended: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A chunk of a file; of a file that is too large to be kept, its fingerprint instead."""

    size: int
    bytes: bytes
    sha256: str = ""


@dataclass(slots=True)
class Media:
    id: str
    account_id: str
    via: Literal["v1.1", "v2"]
    category: str | None
    created: float
    ends: float
    total: int | None = None  # announced at the beginning of a chunked upload
    declared: str | None = None
    owners: tuple[str, ...] = ()
    segments: dict[int, Segment] = field(default_factory=dict)
    size: int = 0
    bytes: bytes = b""  # empty of a file that is too large to be kept
    prints: tuple[str, ...] = ()  # of such a file: the SHA-256 of each chunk, in their order
    kind: str = ""  # the MIME type that the bytes show
    width: int = 0
    height: int = 0
    animated: bool = False
    finalized: bool = False
    step: int = 0  # of the processing
    stepped: float = 0.0
    steps: tuple[str, ...] = ()  # empty: nothing to process
    alt_text: str | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.bytes).hexdigest()

    @property
    def sort(self) -> Literal["photo", "gif", "video"]:
        if self.kind.startswith("video/"):
            return "video"
        return "gif" if self.category == "tweet_gif" or self.animated else "photo"

    @property
    def key(self) -> str:
        if (self.category or "").endswith("_video"):
            return f"13_{self.id}"  # known before the bytes are
        return {"photo": "3_", "gif": "16_", "video": "13_"}[self.sort] + self.id

    @property
    def state(self) -> str:
        return self.steps[self.step] if self.steps else "succeeded"


@dataclass(slots=True)
class Link:
    """A part of a text that X takes for a URL, and the t.co address that stands for it."""

    start: int
    end: int
    raw: str
    short: str


@dataclass(slots=True)
class Post:
    id: str
    account_id: str
    text: str  # as X keeps it: NFC, trimmed, unescaped, with the links as they were sent
    created: float
    media: tuple[Media, ...] = ()
    links: tuple[Link, ...] = ()
    media_link: str | None = None
    reply_to: str | None = None
    conversation: str = ""
    poll: dict[str, Any] | None = None
    request: dict[str, Any] = field(default_factory=dict)
    deleted: float | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    kind: str
    amount: Decimal
    at: float
    exchange: int = 0  # the number of the request that it was for


@dataclass(frozen=True, slots=True)
class Limit:
    count: int
    seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class Processing:
    """What a video goes through; a STATUS moves it one step, at most once in `check_after_secs`."""

    steps: tuple[str, ...] = ("pending", "in_progress", "succeeded")
    check_after_secs: int = 1


@dataclass(slots=True)
class World:
    accounts: list[Account] = field(default_factory=list)
    apps: list[App] = field(default_factory=list)
    oauth1: list[OAuth1Token] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    media: dict[str, Media] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    bill: list[Charge] = field(default_factory=list)
    limits: dict[str, Limit] = field(
        default_factory=lambda: {
            "create": Limit(100),
            "delete": Limit(50),
            "upload": Limit(500),
            "metadata": Limit(500),
            "timeline": Limit(900),
            "lookup": Limit(900),
            "me": Limit(75),
        }
    )
    last_id: int = 1_000_000_000_000_000_000

    def account(self, account_id: str) -> Account:
        return next(a for a in self.accounts if a.id == account_id)

    def app(self, client_id: str) -> App | None:
        return next((a for a in self.apps if a.client_id == client_id), None)

    def post(self, post_id: str) -> Post | None:
        return next((p for p in self.posts if p.id == post_id and p.deleted is None), None)

    def new_id(self, now: float) -> str:
        """Grows with time, as X's ids do."""
        self.last_id = max(self.last_id + 1, (int(now * 1000) - EPOCH) << 22)
        return str(self.last_id)

    def add_account(self, username: str, name: str, now: float) -> Account:
        account = Account(self.new_id(now), username, name)
        self.accounts.append(account)
        return account

    def add_app(self, redirect_uris: list[str], *, public: bool = False) -> App:
        mark = "na" if public else "ci"
        client = base64.b64encode(f"{secrets.token_urlsafe(16)}:1:{mark}".encode())
        app = App(
            client_id=client.decode(),
            client_secret=None if public else secrets.token_urlsafe(37),
            redirect_uris=redirect_uris,
            consumer_key=secrets.token_hex(12),
            consumer_secret=secrets.token_hex(25),
        )
        self.apps.append(app)
        return app

    def add_oauth1(self, account: Account, app: App) -> OAuth1Token:
        token = OAuth1Token(
            token=f"{account.id}-{secrets.token_hex(20)}",
            secret=secrets.token_hex(22),
            account_id=account.id,
            consumer_key=app.consumer_key,
            read_write=app.read_write,
        )
        self.oauth1.append(token)
        return token
