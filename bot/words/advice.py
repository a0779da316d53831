"""Why a post did not go out, and what helps: one sentence for each refusal. Pure."""

from __future__ import annotations

from twitter_core.errors import Refusal

CONSOLE = "https://console.x.com"


def on(refusal: Refusal, detail: str) -> str:
    """What the owner reads behind "Not posted:". `detail` is X's sentence, or a number of ours."""
    advice = _ADVICE.get(refusal, "")
    if refusal in _X_SAYS and detail:
        return f"{advice} X says: “{_shorten(detail)}”".lstrip()
    return advice.replace("{}", detail) if detail else advice.replace(" ({})", "")


def on_deletion(refusal: Refusal, detail: str, button: str = "Delete once more") -> str:
    """What the owner reads behind "Not deleted:"; `button` is what helps afterwards."""
    return _on_other(refusal, detail).replace("press Try again", f"press {button}")


def on_other(refusal: Refusal, detail: str) -> str:
    """The same where no post, or not only a post, was refused, and no button goes with it."""
    said = _on_other(refusal, detail)
    for end, so in ((", restart Telex, then", " and restart Telex"), (", then", "")):
        said = said.replace(f"{end} press Try again", so)
    return said


def _on_other(refusal: Refusal, detail: str) -> str:
    if refusal not in _OTHER:
        return on(refusal, detail)
    says = f" X says: “{_shorten(detail)}”" if refusal in _X_SAYS and detail else ""
    return _OTHER[refusal] + says


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 200 else text[:199] + "…"


_X_SAYS = (Refusal.FORBIDDEN, Refusal.INVALID, Refusal.NOT_PERMITTED, Refusal.NOT_FOUND)

# What is said otherwise where it is not a post that was refused.
_OTHER: dict[Refusal, str] = {
    Refusal.RATE_LIMIT: "X takes no more requests for now. Try it later.",
    Refusal.NOT_PERMITTED: (
        "X does not permit it. Your account may be locked: open x.com and see whether X asks you "
        "something."
    ),
    Refusal.INVALID: "X does not understand it.",
}

_ADVICE: dict[Refusal, str] = {
    Refusal.SIGN_IN: "X does not accept the sign-in any more. Send /auth, then press Try again.",
    Refusal.BAD_CLIENT: (
        "X does not know this app. Compare X_CLIENT_ID and X_CLIENT_SECRET with X's console, "
        "restart Telex, then press Try again."
    ),
    Refusal.BAD_OAUTH1: (
        "X does not accept the keys for the upload. Compare X_API_KEY, X_API_SECRET, "
        "X_ACCESS_TOKEN and X_ACCESS_TOKEN_SECRET with X's console, check this machine's clock, "
        "restart Telex, then press Try again."
    ),
    Refusal.CREDITS: f"your X credits are used up. Top up at {CONSOLE}, then press Try again.",
    Refusal.SPEND_CAP: (
        f"the monthly spend cap of your X app is reached. Raise it at {CONSOLE}, "
        "then press Try again."
    ),
    Refusal.RATE_LIMIT: "X takes no more posts for now. Press Try again later.",
    Refusal.MONTHLY_CAP: (
        f"the monthly limit of your X app is reached. See {CONSOLE}, then press Try again."
    ),
    Refusal.DUPLICATE: "X says that you have posted this text already. Send it with a change.",
    Refusal.NOT_PERMITTED: (
        "X does not permit it. The text may be too long, X may take it for spam, or your account "
        "may be locked: open x.com and see whether X asks you something, then press Try again."
    ),
    Refusal.READ_ONLY_APP: (
        f"your X app may only read. Give it Read and Write at {CONSOLE} (user authentication "
        "settings), make a new access token there, put it into the settings, restart Telex, "
        "then press Try again."
    ),
    Refusal.NOT_ENROLLED: (
        f"your X app belongs to no project. Put it into one at {CONSOLE}, then press Try again."
    ),
    Refusal.SUSPENDED: "X has suspended the account or the app. Open x.com to see what it asks.",
    Refusal.CASHTAGS: "X allows one cashtag ($…) in a post. Send it again with one.",
    Refusal.VIDEO_TOO_LONG: "X finds the video too long. Send a shorter one.",
    Refusal.BAD_URL: "X does not accept an address in the text. Send it again without it.",
    Refusal.REPLY: (
        "X lets this app reply only where its account was mentioned or quoted. "
        "Send it as a post of its own."
    ),
    Refusal.MISSING_SCOPE: (
        "the sign-in does not allow uploads (media.write). Send /auth to sign in once more, "
        "then press Try again."
    ),
    Refusal.FORBIDDEN: "X refuses it.",
    Refusal.BAD_MEDIA: "X does not take the file. Try again, or send it in another format.",
    Refusal.MEDIA_TOO_LARGE: "X finds the file too large. Send a smaller one.",
    Refusal.UPLOAD_GONE: (
        "X has closed the old way of uploading (v1.1). Set X_UPLOAD to auto or v2, restart "
        "Telex, then press Try again."
    ),
    Refusal.NOT_FOUND: "X does not find what it needs for this.",
    Refusal.INVALID: "X does not understand the post.",
    Refusal.TOO_LONG: "the text ({}) is too long for X. Send a shorter one.",
    Refusal.OTHER_ACCOUNT: (
        "this post is another account's. Send /auth, sign in to that one, then press Try again."
    ),
    Refusal.FILE_GONE: "Telegram does not have the file any more. Send it again.",
    Refusal.FILE_TOO_LARGE: (
        "this file ({}) is larger than the 20 MB that Telegram hands to bots. Send a smaller one, "
        "or run a local Bot API server (TELEGRAM_API_URL and TELEGRAM_LOCAL_FILES), which hands "
        "out 2 GB."
    ),
    Refusal.FILE_UNREADABLE: (
        "your local Bot API server keeps this file where I may not read it. Set "
        "TELEGRAM_LOCAL_FILES to the folder of that server, see that it has the same path here and "
        "there and that I may read it, restart Telex, then press Try again."
    ),
    Refusal.ALT_TOO_LONG: (
        "an alt text ({}) is longer than the 1000 characters that X takes. Send a shorter one with "
        "/alt, as a reply to the picture, then press Try again."
    ),
    Refusal.NOT_A_PICTURE: (
        "this file ({}) is not a picture of a kind that I know. Send it as JPEG, PNG, GIF, WebP, "
        "HEIC, AVIF, TIFF or BMP."
    ),
    Refusal.MOVES: (
        "this picture ({}) moves, and X would show its first frame only. Send it as a GIF or as a "
        "video."
    ),
    Refusal.BROKEN_FILE: (
        "this file is damaged or incomplete. See whether it opens on your side, then send it "
        "again, or in another format."
    ),
    Refusal.TOO_SMALL: (
        "the picture ({}) is too small: X asks for at least 4 pixels on each side. Send a larger "
        "one."
    ),
    Refusal.TOO_MANY_PIXELS: (
        "the picture ({}) has more than the 120 megapixels that I can make fit. Send a smaller one."
    ),
    Refusal.TOO_MUCH_WORK: (
        "the picture does not fit X, and to make it fit takes more memory or time than I may use. "
        "Send a smaller one, or send it as a photo instead of a file."
    ),
    Refusal.GIF_SIZE: (
        "the GIF ({}) is larger than the 15 MB that X takes. Send a smaller one, or a video."
    ),
    Refusal.GIF_SIDES: (
        "the GIF ({}) is larger than the 1280 x 1080 pixels that X takes. Send a smaller one, or "
        "a video."
    ),
    Refusal.GIF_FRAMES: (
        "the GIF ({}) has more than the 350 frames that X takes. Send a shorter one, or a video."
    ),
    Refusal.GIF_PIXELS: (
        "the GIF ({}) has more than the 300 million pixels, in all frames together, that X takes. "
        "Send a smaller or shorter one, or a video."
    ),
    Refusal.NO_VIDEO: "there is no picture in this video file. X takes no sound alone.",
    Refusal.VIDEO_SIZE: (
        "the video ({}) is larger than the 512 MB that X takes. Send a shorter or smaller one."
    ),
    Refusal.VIDEO_LENGTH: (
        "the video ({}) is longer than the 140 seconds that X takes. Send a shorter one."
    ),
    Refusal.VIDEO_SHORT: (
        "the video ({}) is shorter than the 0.5 seconds that X asks for. Send a longer one."
    ),
    Refusal.VIDEO_SIDES: (
        "the video ({}) has sides that X does not take: from 32 x 32 to 1280 x 1024 pixels. Send "
        "it as a video instead of a file, so that Telegram makes it smaller, or convert it."
    ),
    Refusal.VIDEO_SHAPE: (
        "the video ({}) is too narrow: X takes one side up to three times as long as the other. "
        "Crop it and send it again."
    ),
    Refusal.VIDEO_FRAME_RATE: (
        "the video ({}) is faster than the 60 frames a second that X takes. Convert it and send "
        "it again."
    ),
}
