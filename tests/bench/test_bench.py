"""The bench itself, on a tiny slice: that it measures what it says, not how much."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Settings
from bot.sandbox.server import Fault
from tests.bench import cost, past, process, report
from tests.bench.bot import ORDINARY, WINDOW, Network, bot, launched
from tests.bench.cost import Cost, Row
from tests.bench.speed import COMMANDS, Cell, Round, What, Who, measure, send
from twitter_core import store
from twitter_core.history import History

pytest.importorskip("tweepy")


async def test_both_bots_post_what_they_are_sent_and_are_timed() -> None:
    plan = Round(Network(0.0), (Who.TELEX, Who.ORDINARY), {What.PHOTO: 1})
    cells = await measure(plan, lambda line: None)
    assert [(cell.who, len(cell.times)) for cell in cells] == [(Who.TELEX, 1), (Who.ORDINARY, 1)]
    assert all(0 < took < 5 for cell in cells for took in cell.times)


async def test_an_album_is_one_post_of_the_ordinary_bot_and_a_burst_is_twenty(
    tmp_path: Path,
) -> None:
    async with bot(tmp_path / "ordinary", ORDINARY) as it:
        started = await it.start()
        took = await it.time(lambda: send(it, What.ALBUM, "album"), What.ALBUM.creates)
        assert took > 1.9  # its timer
        await it.time(lambda: send(it, What.BURST, "burst"), What.BURST.creates)
        posts = it.stage.x.timeline()
        assert [len(post.media) for post in posts] == [4, *[1] * 20]
        assert [post.text for post in posts] == ["album", *(f"burst, {n}" for n in range(20))]
        if process.CAN_TELL:
            assert 0 < started < process.cpu(it.pid) < 60
            assert 10 < process.resident(it.pid) < 1000


async def test_a_create_on_a_cold_connection_arrives_after_its_handshakes(tmp_path: Path) -> None:
    network = Network(0.05, cold=True)
    async with bot(tmp_path / "ordinary", ORDINARY) as it:
        await it.start()
        it.travel(network)
        await it.time(lambda: send(it, What.PHOTO, "from now on they grow cold"))
        await it.rest()
        took = await it.time(lambda: send(it, What.PHOTO, "cold"))
        # getFile, download and upload, and two round trips for each of the three hosts it asks.
        assert took >= (3 + 3 * 2) * network.delay


async def test_a_refused_post_is_no_measurement(tmp_path: Path) -> None:
    async with bot(tmp_path / "ordinary", ORDINARY) as it:
        await it.start()
        it.stage.x.api.faults.add(Fault(path="/2/tweets", status=403, body={"title": "Forbidden"}))
        with pytest.raises(AssertionError, match="refused"):
            await it.time(lambda: send(it, What.PHOTO, "refused"))


async def test_a_slow_disk_makes_the_real_bot_later(tmp_path: Path) -> None:
    sync = 0.2
    async with bot(tmp_path / "slow", launched(sync=sync)) as it:
        await it.start()
        await it.sign_in()
        took = await it.time(lambda: send(it, What.PHOTO, "slow"))
        assert took > 2 * sync  # the attempt is saved: a file, and the folder that names it
    assert COMMANDS[Who.SLOW_DISK] == launched(sync=0.02)


async def test_the_past_is_one_that_the_real_bot_takes_for_its_own(tmp_path: Path) -> None:
    async with bot(tmp_path / "telex", launched(cards=1000)) as it:
        await it.start()
        await it.sign_in()
        await it.stage.stop()
        await cost._fill(it, cost.Behind(30, 3))
        chat = it.stage.owner.id + 1_000_000
        lines = list(History(it.stage.data / "history").read_back())
        assert [line["key"] for line in lines] == [f"{chat}:{2 * n}" for n in reversed(range(30))]
        await it.start()
        await it.time(lambda: send(it, What.PHOTO, "after them"))
        assert "Traceback" not in it.stage.logged()


def test_a_gathered_save_is_not_under_way_when_an_album_is_complete() -> None:
    # Both begin with the album's first item; another one may come half a second later.
    assert WINDOW + 0.5 < store.GATHER
    assert Settings.model_fields["album_window"].default == WINDOW


def test_the_newest_posts_of_the_past_are_those_of_the_last_two_days() -> None:
    entry = past.finished(7, 1_000_000.0, 5, "77")
    assert (entry.key, entry.ended_at, entry.shown) == ("5:14", 1_000_000.0, True)


def test_a_missed_target_is_told() -> None:
    warm = Network(0.15)
    cells = [
        Cell(Who.TELEX, What.PHOTO, warm, (0.60, 0.61, 0.62)),
        Cell(Who.ORDINARY, What.PHOTO, warm, (0.48,)),
        Cell(Who.TELEX, What.ALBUM, warm, (1.05,)),
        Cell(Who.ORDINARY, What.ALBUM, warm, (4.2,)),
    ]
    costs = [Cost("few", 10, 0.4, 70.0, 0.010, 0.001), Cost("many", 1000, 0.4, 70.0, 0.012, 0.006)]
    found = report.Speeds(cells).targets() + report.cost_targets(costs, Row((0.01,), 101.0, 0.001))
    met = [target.is_met for target in found]
    assert met == [False, True, False, True, False, False, False, True]
    told = report.targets(found)
    assert told.count("**missed**") == 5
    assert "1.356 ×" in told and "4.00 × as fast" in told


def test_the_table_of_speeds_has_a_line_for_each_thing_on_each_network() -> None:
    cells = [
        Cell(who, What.PHOTO, Network(delay), (seconds,))
        for who, delay, seconds in (
            (Who.TELEX, 0.0, 0.012),
            (Who.ORDINARY, 0.0, 0.010),
            (Who.TELEX, 0.15, 0.465),
            (Who.ORDINARY, 0.15, 0.486),
        )
    ]
    head, _, without_delay, with_delay = report.Speeds(cells).table().splitlines()
    assert "critical path" in head
    assert [cell.strip() for cell in without_delay.split("|")][4:8] == [
        "0 ms",
        "12 (12) ms",
        "",
        "10 (10) ms",
    ]
    assert "| 1.03 |" in with_delay and "| 1.05 × as fast" in with_delay
