"""What `telex init` asks: each setting, and where in Telegram or at X it is found. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.words.advice import CONSOLE

# What comes along when something is copied from a page or out of a chat, and is not seen.
_UNSEEN = r"\s\u00ad\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Question:
    """One setting as a person is asked for it; `where` is said before."""

    name: str
    prompt: str
    where: str
    is_secret: bool = False
    is_one_word: bool = True  # so that no white space belongs into it
    choices: tuple[str, ...] = ()


TOKEN = Question(
    "TELEGRAM_BOT_TOKEN",
    "Token of the bot",
    "In Telegram, write /newbot to @BotFather and answer its two questions; it sends you the "
    "token. For a bot that you have: /mybots, the bot, API Token.",
    is_secret=True,
)
OWNERS = Question(
    "TELEGRAM_OWNER_IDS",
    "Your numeric Telegram id",
    "In Telegram, write to @userinfobot: it answers with your Id. Only the people listed here can "
    "use the bot; put commas between several.",
    is_one_word=False,
)
REDIRECT = Question(
    "X_REDIRECT_URI",
    "Callback address",
    f"At {CONSOLE} open your app, then User authentication settings. Choose Read and write, and "
    "Web App, Automated App or Bot. Register the address below, to the letter, as Callback URI.",
)
CLIENT_ID = Question(
    "X_CLIENT_ID",
    "OAuth 2.0 Client ID",
    "On the same app: Keys and tokens, OAuth 2.0 Client ID and Client Secret.",
)
CLIENT_SECRET = Question(
    "X_CLIENT_SECRET",
    "OAuth 2.0 Client Secret",
    "It is shown once, when it is made; a Native App has none (leave it empty).",
    is_secret=True,
)
KEYS = (
    Question(
        "X_API_KEY",
        "API Key",
        "Keys and tokens, Consumer Keys: API Key and Secret.",
        is_secret=True,
    ),
    Question("X_API_SECRET", "API Key Secret", "", is_secret=True),
    Question(
        "X_ACCESS_TOKEN",
        "Access Token",
        "Keys and tokens, Authentication Tokens: Access Token and Secret. Make them after the app "
        "got Read and write, as the account that you will sign in with.",
        is_secret=True,
    ),
    Question("X_ACCESS_TOKEN_SECRET", "Access Token Secret", "", is_secret=True),
)
SCOPE = Question(
    "X_SCOPE",
    "Scopes that X is asked for",
    "What the bot may do in your name.",
    is_one_word=False,
)
OTHERS = (
    Question(
        "X_UPLOAD",
        "How media are uploaded",
        "auto takes v1.1 while the four keys are set and it works, else v2.",
        choices=("auto", "v1.1", "v2"),
    ),
    Question(
        "DATA_DIR",
        "Data folder",
        "The one folder that Telex writes to; your sign-in will be in it.",
        is_one_word=False,
    ),
    Question(
        "LISTEN",
        "Address of the landing page",
        "host:port on this machine, to which the callback address leads. Empty: you sign in by "
        "pasting an address into the chat.",
    ),
    Question("ALBUM_WINDOW", "Seconds after which an album is complete", "From 0 to 60."),
    Question(
        "LOG_LEVEL",
        "How much is logged",
        "Secrets are kept out of the log at every level.",
        choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    ),
    Question(
        "TELEGRAM_API_URL",
        "Root of the Bot API",
        "Another one only for a Bot API server of your own, which takes files up to 2 GB.",
    ),
    Question(
        "TELEGRAM_LOCAL_FILES",
        "Folder of your own Bot API server",
        "Empty, unless it runs with --local.",
        is_one_word=False,
    ),
)
ALL = (TOKEN, OWNERS, REDIRECT, CLIENT_ID, CLIENT_SECRET, *KEYS, SCOPE, *OTHERS)
BY_NAME = {question.name: question for question in ALL}

ABOUT_KEYS = (
    "The four OAuth 1.0a keys are for the v1.1 upload; without them media go by v2. X is asked "
    "whose they are, which costs about $0.01."
)
ASK_FOR_KEYS = "Do you want to enter the OAuth 1.0a keys?"
ASK_FOR_KEYS_ANEW = "They are set. Do you want to enter the OAuth 1.0a keys anew?"
ABOUT_OTHERS = "The other settings have defaults that suit most people."
ASK_FOR_OTHERS = "Do you want to see the other settings?"
STRAY = "Stray white space was taken out of it."


def tidy(question: Question, answer: str) -> tuple[str, bool]:
    """The answer without what slipped in with it, and whether anything had."""
    if question.is_one_word:
        clean = re.sub(f"[{_UNSEEN}]", "", answer)
    else:
        clean = re.sub(f"^[{_UNSEEN}]+|[{_UNSEEN}]+$", "", answer)
    return clean, clean != answer
