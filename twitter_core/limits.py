"""X's numbers, each with its source; those in dollars stand in `prices`. Computes nothing.

All were read in November 2026. [official]: X's documents (OpenAPI 2.167 of August 2026, its pages
on media and prices of April 2026). [seen]: reported by users of the live API. [old]: documents of
before 2023. [ours]: chosen by Telex. Sizes are in bytes, times in seconds.
"""

from __future__ import annotations

from typing import Final

# Text [official, "Counting characters"]
TEXT_WEIGHT: Final = 280
TEXT_WEIGHT_PREMIUM: Final = 25_000
URL_WEIGHT: Final = 23
URL_LENGTH: Final = 4096  # a longer one X does not take for an address [seen in twitter-text]
EMOJI_WEIGHT: Final = 2
STATE_LENGTH: Final = 500
ALT_TEXT_LENGTH: Final = 1000

# Polls [official]
POLL_OPTIONS: Final = (2, 4)
POLL_OPTION_LENGTH: Final = 25
POLL_MINUTES: Final = (5, 10_080)

# Media of one post [official]
PHOTOS: Final = 4
GIFS: Final = 1
VIDEOS: Final = 1
CASHTAGS: Final = 1  # self-serve accounts, since February 2026

# Photos [official; the sides: old]
PHOTO_SIZE: Final = 5 * 1024 * 1024
PHOTO_SIDES: Final = (4, 8192)
PHOTO_TYPES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp")
PIXELS: Final = 120_000_000  # [ours] a picture with more is not decoded

# Animated GIFs [official]
GIF_SIZE: Final = 15 * 1024 * 1024
GIF_SIDES: Final = (1280, 1080)
GIF_FRAMES: Final = 350
GIF_PIXELS: Final = 300_000_000  # width * height * frames

# Videos [official]
VIDEO_SIZE: Final = 512 * 1024 * 1024
VIDEO_SECONDS: Final = (0.5, 140.0)
VIDEO_SIDES_LEAST: Final = (32, 32)
VIDEO_SIDES_MOST: Final = (1280, 1024)
VIDEO_FRAME_RATE: Final = 60
VIDEO_ASPECT: Final = (1 / 3, 3.0)

# Uploads
CHUNK_SIZE: Final = 1024 * 1024  # [seen] chunks of 5 MB got 413
CHUNKS: Final = 1000  # segment_index is 0..999 [old]
MEDIA_LIFETIME: Final = 86_400  # where X does not say expires_after_secs [seen]

# Reading one's own posts [official]
PAGE_SIZE: Final = 100
PAGES: Final = 40  # [ours] 4,000 posts: more in the minutes since an attempt is no look-up any more

# Sign-in
CODE_LIFETIME: Final = 30  # [official]
TOKEN_LIFETIME: Final = 7200  # where X does not say expires_in [official]
SIGN_IN_LIFETIME: Final = 600  # [ours] from /auth to the landing
TOKEN_MARGIN: Final = 30  # [ours] a token with less left is renewed before it is used
RENEWALS_LOST: Final = 2  # [ours] a refresh token is tried once more after a lost answer

# Requests for one user [official]; the headers of an answer go before these
CREATES_PER_15_MINUTES: Final = 100
DELETES_PER_15_MINUTES: Final = 50
UPLOADS_PER_15_MINUTES: Final = 500
RATE_WINDOW: Final = 960.0  # [ours] a window, and a minute for clocks that differ

# Time-outs [ours]
CONNECT_TIMEOUT: Final = 10.0
ANSWER_TIMEOUT: Final = 30.0
UPLOAD_TIMEOUT: Final = 60.0  # and the time that the bytes take at UPLOAD_SPEED
UPLOAD_SPEED: Final = 50_000  # bytes a second
KEEPALIVE: Final = 60.0
SPARE_LIFETIME: Final = 20.0  # of a connection that was opened ahead
