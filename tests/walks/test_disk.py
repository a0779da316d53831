"""A disk that refuses: told, nothing overwritten, nothing lost that was acknowledged."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg

# Run in place of the bot: a disk that is full while the file `full` lies beside the data folder.
FULL_DISK = """
import errno, os, sys
from pathlib import Path
flag = Path(sys.argv.pop())
real = os.fsync
def fsync(fd):
    if flag.exists():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    real(fd)
os.fsync = fsync
from bot.__main__ import main
sys.exit(main(["run"]))
"""


def fill(flag: Path) -> None:
    flag.touch()


def make_room(flag: Path) -> None:
    flag.unlink()


def tear(store: Path) -> bytes:
    store.write_text('{"outbox": {"1": {"key": "torn')
    return store.read_bytes()


def make_room_for(store: Path) -> bytes:
    """What stands there; and away with it, for the promises that follow read the store."""
    content = store.read_bytes()
    store.unlink()
    return content


@pytest.fixture
async def full(stage: Stage) -> Path:
    """The file whose being there fills the disk; the bot runs and is signed in."""
    flag = stage.folder / "full"
    stage.command = (sys.executable, "-c", FULL_DISK, str(flag))
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    return flag


async def test_a_full_disk_is_told_once_and_what_came_meanwhile_goes_out_afterwards(
    stage: Stage, full: Path
) -> None:
    fill(full)
    sent = [stage.owner.sends_photo(jpeg(), "One"), stage.owner.sends_text("/post Two")]
    await stage.owner.sees("disk does not take")
    await stage.eventually(lambda: len(stage.telegram.requests("getUpdates")) > 3)
    assert texts(stage) == []
    assert stage.telegram.pending  # Telegram still has them: they were not acknowledged
    make_room(full)
    for message in sent:
        await card(stage, message, seconds=60)
    await stage.owner.sees("disk works again")
    assert texts(stage) == ["One", "Two"]
    told = [m for m in stage.telegram.chat(stage.owner).from_bot if "disk does not" in m.text]
    assert len(told) == 1


async def test_a_disk_that_fills_up_between_arrival_and_post_holds_the_post(
    stage: Stage, full: Path
) -> None:
    stage.owner.sends_text("/pause")
    await stage.owner.sees("Paused")
    sent = stage.owner.sends_photo(jpeg(), "Held")
    await card(stage, sent, "Waiting: paused")
    await stage.eventually(lambda: "1001" in str(stage.stored().get("outbox")))
    fill(full)
    stage.owner.sends_text("/resume")
    await stage.owner.sees("disk does not take")
    assert texts(stage) == []
    make_room(full)
    await card(stage, sent, seconds=60)
    assert texts(stage) == ["Held"]


async def test_an_unreadable_store_stops_the_start_and_is_left_as_it_is(stage: Stage) -> None:
    await stage.start()
    await stage.ready()
    await stage.stop()
    store = stage.data / "telex.json"
    before = tear(store)
    await stage.start()
    assert stage.bot is not None
    assert await stage.bot.wait() == 2
    assert "cannot be read" in stage.logged().splitlines()[-1]
    assert make_room_for(store) == before


async def test_an_update_left_by_another_version_that_this_one_cannot_read_stops_no_start(
    stage: Stage,
) -> None:
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    await stage.kill()
    poll = {"id": "1", "question": "?", "options": []}  # as a server sent it that is older yet
    person = stage.owner.user
    message = {"message_id": 999, "date": 1_700_000_000, "from": person, "poll": poll}
    message["chat"] = {"id": person["id"], "type": "private"}
    update = {"update_id": 77, "message": message}
    (stage.data / "inbox" / "000000000900.json").write_text(json.dumps([update]))
    await stage.start()
    await stage.ready()
    await stage.owner.sees("could not be read")
    await card(stage, stage.owner.sends_text("/post On we go"))
    assert json.loads((stage.data / "inbox" / "aside" / "77.json").read_text()) == update
    assert not (stage.data / "inbox" / "000000000900.json").exists()
