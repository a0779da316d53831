"""The child that draws pictures anew: bounded, and never alone in the world."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from tests import makers
from twitter_core import shrink
from twitter_core.errors import Refusal

ROOT = Path(shrink.__file__).parent.parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds and ends it so")


def run(source: Path, target: Path, *, before: str = "") -> subprocess.CompletedProcess[str]:
    """The program; `before` is done in its process first, with the module as `shrink`."""
    code = f"import sys\nfrom twitter_core import shrink\n{before}\nsys.exit(shrink.main(sys.argv[1:]))"
    command = (
        [sys.executable, "-c", code] if before else [sys.executable, "-m", "twitter_core.shrink"]
    )
    arguments = [str(source), str(target), str(os.getpid())]
    return subprocess.run(
        [*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_it_says_in_one_line_what_it_made(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(makers.encoded(makers.scene(), "TIFF"))
    done = run(source, target)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"mime": "image/png"})
    with Image.open(target) as image:
        assert image.format == "PNG"


def test_it_says_in_one_line_why_it_made_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(makers.png_header(50_000, 50_000))
    done = run(source, target)
    said = {"refusal": Refusal.TOO_MANY_PIXELS.value, "detail": "2500 megapixels"}
    assert (done.returncode, json.loads(done.stdout)) == (0, said)
    assert not target.exists()


def test_a_file_that_is_gone_or_cannot_be_written_is_for_another_time(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_bytes(makers.encoded(makers.scene(), "TIFF"))
    assert run(tmp_path / "gone", tmp_path / "out").returncode == os.EX_TEMPFAIL
    assert run(source, tmp_path / "nowhere" / "out").returncode == os.EX_TEMPFAIL


@LINUX
def test_a_picture_that_takes_more_memory_than_it_has_is_told(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for kind in ("TIFF", "PNG", "JPEG"):
        source.write_bytes(makers.encoded(makers.scene(7000, 5000), kind))
        done = run(source, tmp_path / "out", before="shrink.MEMORY = 120_000_000")
        assert (done.returncode, done.stdout) == (0, '{"refusal": "too_much_work"}\n'), (
            kind,
            done.stderr,
        )


@LINUX
def test_memory_time_and_files_are_bounded_and_nothing_is_dumped() -> None:
    code = (
        "import os, resource\n"
        "from twitter_core import shrink\n"
        "shrink._restrain(os.getppid())\n"
        "print(*(resource.getrlimit(w)[0] for w in (resource.RLIMIT_AS, resource.RLIMIT_CPU, "
        "resource.RLIMIT_CORE)), os.nice(0))\n"
        "bytearray(shrink.MEMORY)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [
        str(shrink.MEMORY),
        str(shrink.SECONDS),
        "0",
        str(os.nice(0) + 10),
    ]
    assert done.stderr.strip().endswith("MemoryError")
    assert shrink.MEMORY <= 1_000_000_000


CHILD = "import os, time; from twitter_core import shrink; shrink._restrain({}); print(os.getpid(), flush=True); time.sleep(60)"


@LINUX
def test_it_dies_with_its_parent_however_that_dies() -> None:
    code = (
        "import os, subprocess, sys, time\n"
        f"child = {CHILD!r}.format(os.getpid())\n"
        "subprocess.Popen([sys.executable, '-c', child], start_new_session=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 10
    while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes():
        assert time.monotonic() < until, "it lives on"
        time.sleep(0.01)


@LINUX
def test_it_ends_at_once_if_its_parent_was_faster() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(1 << 22)], cwd=ROOT, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"")


def test_it_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_bytes(makers.encoded(makers.scene(), "BMP"))
    before = (
        "import atexit\n"
        "unwanted = ('httpx', 'asyncio', 'telegram', 'pydantic', 'pillow_heif', 'PIL.AvifImagePlugin')\n"
        "atexit.register(lambda: print(*(m for m in unwanted if m in sys.modules)))"
    )
    assert run(source, tmp_path / "out", before=before).stdout.splitlines()[1] == ""


@LINUX
@pytest.mark.soak
@pytest.mark.parametrize(
    ("kind", "size", "mode", "options"),
    [
        ("JPEG", (8192, 8192), "RGB", {"quality": 95}),
        ("JPEG", (8192, 8192), "CMYK", {"quality": 90}),
        ("JPEG", (12_000, 9000), "RGB", {"quality": 85}),
        ("JPEG", (12_000, 10_000), "RGB", {"progressive": True, "subsampling": 0, "quality": 85}),
        ("JPEG", (12_000, 10_000), "RGB", {"exif": 6, "quality": 85}),
        ("PNG", (8192, 8192), "RGB", {"compress_level": 1}),
        ("PNG", (8192, 8192), "RGBA", {"compress_level": 1, "exif": 6}),
        ("PNG", (12_000, 10_000), "RGBA", {"compress_level": 1, "exif": 6}),
        ("TIFF", (8192, 8192), "RGBA", {"exif": 6}),
        ("BMP", (12_000, 9000), "RGB", {}),
    ],
)
def test_the_largest_pictures_take_less_than_a_gigabyte(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    size: tuple[int, int],
    mode: str,
    options: dict[str, object],
) -> None:
    if "exif" in options:
        options = options | {"exif": makers.exif(6)}
    source, target = tmp_path / "in", tmp_path / "out"
    tile = makers.noise(1024, 1024, mode)
    monkeypatch.setattr(ImageFile, "MAXBLOCK", 200_000_000)  # a progressive one comes in one piece
    image = Image.new(mode, size)
    for left in range(0, size[0], 1024):
        for top in range(0, size[1], 1024):
            image.paste(tile, (left, top))
    image.save(source, kind, **options)
    del image
    # The process's own mark: the resource usage of a child begins with that of its parent.
    before = (
        "import atexit, pathlib\n"
        "status = pathlib.Path('/proc/self/status')\n"
        "atexit.register(lambda: print(status.read_text().split('VmHWM:')[1].split()[0]))"
    )
    started = time.monotonic()
    done = run(source, target, before=before)
    said, peak = done.stdout.splitlines()
    assert "mime" in said
    with Image.open(target) as made:
        took = f"{int(peak) * 1.024 / 1000:.0f} MB, {time.monotonic() - started:.1f} s"
        print(f"{kind} {mode} {size} {list(options)}: {took}, {made.format} {made.size}")
    assert int(peak) * 1024 < 1_000_000_000


def test_the_limits_of_this_process_are_not_touched() -> None:
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
