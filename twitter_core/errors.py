"""The failure tree of X, cut by what the caller may do next. Holds data, never prose.

XError
├── Unsent              the request never left: repeat it when the network is back
├── Uncertain           it left and no clear answer came: look before repeating
└── Refused             X said no; nothing took effect
    ├── SignInNeeded    renew the token pair, or ask the owner to sign in
    ├── RateLimited     wait until `reset_at`
    ├── CreditsDepleted wait for the owner to top up
    ├── Duplicate       look whether the earlier one is ours
    ├── BadMedia        upload again, or by the other way
    ├── UploadGone      use the other way of uploading
    └── Forbidden       only the owner can change what X objects to
"""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why X said no, told apart as far as the owner's next step differs.

    The values are stored with failed posts, so they are never renamed.
    """

    SIGN_IN = "sign_in"  # 401: the token ended or was revoked
    BAD_OAUTH1 = "bad_oauth1"  # v1.1 codes 32, 89, 215 or a 401 on an OAuth 1.0a request
    BAD_CLIENT = "bad_client"  # token endpoint: client id or secret wrong, or sent the wrong way
    CREDITS = "credits"  # 402: the prepaid balance is empty
    RATE_LIMIT = "rate_limit"  # 429
    MONTHLY_CAP = "monthly_cap"  # 429, type …/usage-capped
    SPEND_CAP = "spend_cap"  # 403 "Monthly spend cap reached"
    DUPLICATE = "duplicate"  # 403 "duplicate content"
    NOT_PERMITTED = "not_permitted"  # 403 too long, anti-spam, or a locked account
    READ_ONLY_APP = "read_only_app"  # 403, type …/oauth1-permissions
    NOT_ENROLLED = "not_enrolled"  # 403, reason client-not-enrolled
    SUSPENDED = "suspended"  # 403, type …suspended…
    CASHTAGS = "cashtags"  # 403 "maximum of one cashtag"
    VIDEO_TOO_LONG = "video_too_long"  # 403 "video longer than 2 minutes"
    BAD_URL = "bad_url"  # 403 "invalid URL"
    REPLY = "reply"  # 403 on a reply: X's rule of February 2026
    MISSING_SCOPE = "missing_scope"  # 403 detail "Forbidden" on a v2 upload: no media.write
    FORBIDDEN = "forbidden"  # any other 403
    BAD_MEDIA = "bad_media"  # 400 "Your media IDs are invalid." or a v1.1 324
    MEDIA_TOO_LARGE = "media_too_large"  # 413
    UPLOAD_GONE = "upload_gone"  # v1.1 upload: 404, 410, or 403 with code 453
    NOT_FOUND = "not_found"  # any other 404
    INVALID = "invalid"  # any other 400 or 4xx
    # Telex itself says no, before X is asked:
    TOO_LONG = "too_long"  # over 280 by the weighted count
    OTHER_ACCOUNT = "other_account"  # it is not the post of the one that is signed in
    FILE_GONE = "file_gone"  # Telegram does not have the file any more
    FILE_UNREADABLE = "file_unreadable"  # a local Bot API server has it where Telex may not read
    FILE_TOO_LARGE = "file_too_large"  # over 20 MB, which is where Telegram's getFile ends
    ALT_TOO_LONG = "alt_too_long"  # an alt text over 1000 characters
    NOT_A_PICTURE = "not_a_picture"  # neither a picture nor a video of a kind that is known
    BROKEN_FILE = "broken_file"  # damaged or cut short
    MOVES = "moves"  # a moving picture of a kind of which X shows the first frame only
    TOO_SMALL = "too_small"  # a side below X's 4 pixels
    TOO_MANY_PIXELS = "too_many_pixels"  # over what is decoded at all
    TOO_MUCH_WORK = "too_much_work"  # making it fit took too much memory or time
    GIF_SIZE = "gif_size"  # animated GIFs, from here on: over 15 MB
    GIF_SIDES = "gif_sides"
    GIF_FRAMES = "gif_frames"
    GIF_PIXELS = "gif_pixels"  # of all frames together
    NO_VIDEO = "no_video"  # a video file without a video track
    VIDEO_SIZE = "video_size"  # over 512 MB
    VIDEO_LENGTH = "video_length"  # over 140 s
    VIDEO_SHORT = "video_short"  # below half a second
    VIDEO_SIDES = "video_sides"
    VIDEO_SHAPE = "video_shape"  # more than three times as long as wide
    VIDEO_FRAME_RATE = "video_frame_rate"


class XError(Exception):
    """Base of everything that may go wrong between Telex and X."""

    def __str__(self) -> str:
        return ": ".join(str(one) for one in self.args if one)


class Unsent(XError):
    """The request never left: no connection, or none in time."""


class Uncertain(XError):
    """The request left and the answer is missing or unclear (time-out, drop, 5xx, no JSON).

    `status` is the HTTP status where one came, else None.
    """

    def __init__(self, cause: str = "", *, status: int | None = None) -> None:
        super().__init__(cause)
        self.status = status


class Refused(XError):
    """X said no. `detail` is X's own sentence (for the log, and shortened for the card)."""

    def __init__(self, refusal: Refusal, *, status: int = 0, detail: str = "") -> None:
        super().__init__(refusal.value, status, detail)
        self.refusal = refusal
        self.status = status
        self.detail = detail


class SignInNeeded(Refused):
    """401, or a refresh token that X no longer takes."""


class RateLimited(Refused):
    """429. `reset_at` is in epoch seconds, None where X did not say."""

    def __init__(
        self,
        refusal: Refusal = Refusal.RATE_LIMIT,
        *,
        status: int = 429,
        detail: str = "",
        reset_at: float | None = None,
    ) -> None:
        super().__init__(refusal, status=status, detail=detail)
        self.reset_at = reset_at


class CreditsDepleted(Refused):
    """402, or a spend cap of the owner's own that was reached."""


class Duplicate(Refused):
    """403: X has a post with the same text."""


class BadMedia(Refused):
    """X does not take the media, or no longer knows their ids."""


class UploadGone(Refused):
    """The v1.1 upload is not there (404, 410) or not for this app (403 with code 453)."""


class Forbidden(Refused):
    """Any other no: what has to change is on the owner's side."""
