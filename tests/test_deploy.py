"""What is in deploy/: the unit by systemd's own word and in a walk, the image without a container.

No container is started: the Dockerfile's steps are run in an empty folder that stands for its root.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pillow_heif
import pytest
from dotenv import dotenv_values
from filelock import FileLock

from bot import __main__ as telex
from bot import config, lifecycle
from tests import cage, makers
from tests.stage import ROOT, Stage, free_port, stage
from tests.walks.test_photo import card
from twitter_core import shrink

pillow_heif.register_heif_opener()

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "telex.service"
DOCKERFILE = DEPLOY / "Dockerfile"
COMPOSE = DEPLOY / "compose.yaml"

systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine"
)
seccomp = pytest.mark.skipif(not cage.is_possible(), reason="libseccomp is not on this machine")


def one(name: str) -> str:
    (value,) = cage.read_unit(UNIT)[name]
    return value


# --- the unit ---------------------------------------------------------------------------------


def verified(folder: Path, unit: str) -> subprocess.CompletedProcess[str]:
    """What systemd says of a unit whose program is installed (in `folder`, not in /opt)."""
    program = folder / "opt" / "telex" / "bin" / "telex"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    path = folder / "telex.service"
    path.write_text(unit.replace("/opt/telex/", f"{folder}/opt/telex/"))
    return subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@systemd
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    ended = verified(tmp_path, UNIT.read_text("utf-8"))
    # Of the machine's own units it may have a word to say as well.
    said = [line for line in (ended.stdout + ended.stderr).splitlines() if "telex" in line]
    assert (ended.returncode, said) == (0, [])


@systemd
def test_systemd_would_find_a_setting_that_does_not_exist(tmp_path: Path) -> None:
    unit = UNIT.read_text("utf-8").replace("RestartSec", "RestartSeconds")
    assert "'RestartSeconds'" in verified(tmp_path, unit).stderr


@systemd
def test_the_service_is_exposed_less_than_3_of_10() -> None:
    ended = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager", UNIT],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    found = re.search(r"Overall exposure level for telex\.service: ([0-9.]+)", ended.stdout)
    assert found is not None
    assert float(found[1]) < 3


def test_the_unit_knows_how_telex_ends() -> None:
    assert one("RestartPreventExitStatus") == str(telex.WRONG_SETUP)
    assert one("Restart") == "on-failure"
    assert int(one("TimeoutStopSec")) >= 4 * lifecycle.GRACE
    assert one("ExecStart").split() == ["/opt/telex/bin/telex", "run"]


def test_the_unit_leaves_room_for_the_child_that_draws_pictures() -> None:
    megabytes = re.fullmatch(r"([0-9]+)M", one("MemoryMax"))
    assert megabytes is not None
    assert int(megabytes[1]) * 2**20 > shrink.MEMORY + 200 * 2**20


def test_the_settings_can_be_read_by_systemd_and_docker_as_they_stand() -> None:
    # Both take a line as it is, or with quotes and escapes of their own; so none must be needed.
    for name, value in dotenv_values(ROOT / ".env.example").items():
        assert not re.search(r"[\"'\\$#]", value or ""), name


@systemd
@seccomp
def test_a_bounded_process_cannot_do_what_the_unit_forbids(tmp_path: Path) -> None:
    tries = tmp_path / "tries.py"
    tries.write_text(
        "import json, mmap, os, resource, socket\n"
        "def can(do, *given):\n"
        "    try:\n"
        "        do(*given)\n"
        "    except OSError:\n"
        "        return False\n"
        "    return True\n"
        "code = dict(prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
        "print(json.dumps({\n"
        "    'inet': can(lambda: socket.socket(socket.AF_INET).close()),\n"
        "    'nice': can(os.nice, 1),\n"
        "    'limit': can(resource.setrlimit, resource.RLIMIT_CORE, (0, 0)),\n"
        "    'packet': can(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()),\n"
        "    'netlink': can(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()),\n"
        "    'code': can(lambda: mmap.mmap(-1, 4096, **code)),\n"
        "    'pin': can(os.sched_setaffinity, 0, os.sched_getaffinity(0)),\n"
        "    'root': can(os.chroot, '/'),\n"
        "}))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "tests.cage", UNIT, sys.executable, tries],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    can = json.loads(ended.stdout)
    assert {name for name, done in can.items() if done} == {"inet", "nice", "limit"}


async def post_a_picture(it: Stage) -> None:
    """Sign in, and post one that has to be drawn anew."""
    await it.sign_in()
    heic = makers.encoded(makers.scene(128, 96), "HEIF", exif=makers.exif(6))
    await card(it, it.owner.sends_document(heic, "image.heic", "image/heic", "from a phone"))
    (post,) = it.x.timeline()
    assert [medium.kind for medium in post.media] == ["image/jpeg"]


@systemd
@seccomp
async def test_the_bot_works_within_the_bounds_of_the_unit(tmp_path: Path) -> None:
    async with stage(tmp_path) as it:
        it.command = (sys.executable, "-m", "tests.cage", str(UNIT), *it.command)
        await it.start()
        await it.ready(60)
        await post_a_picture(it)
        assert await it.stop() == 0
        assert "Operation not permitted" not in it.logged()


# --- the image --------------------------------------------------------------------------------


@dataclass
class Image:
    """What a Dockerfile makes, with `root` for the root of its files."""

    root: Path
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)  # USER, CMD, …: the last one counts

    def at(self, path: str) -> Path:
        """Where a path of the image is on this machine."""
        return self.root / (Path(self.folder) / path).relative_to("/")

    def moved(self, text: str) -> str:
        """`text` with the absolute paths in it as they are on this machine."""
        return re.sub(r"(^|[\s=:])/(?=\w)", rf"\g<1>{self.root}/", text)


def instructions(text: str) -> Iterator[tuple[str, str]]:
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield name, rest.strip()


def may_be_copied(name: str) -> bool:
    """Whether Dockerfile.dockerignore lets something at the top of the project into the build."""
    lines = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text("utf-8").splitlines()
    return lines.index("*") >= 0 and f"!{name}" in lines


def copy(image: Image, words: list[str], others: dict[str, Path]) -> None:
    *sources, target = words
    origin = ROOT
    if sources[0].startswith("--from="):
        origin = others[sources.pop(0).removeprefix("--from=")]
    for source in sources:
        assert origin != ROOT or may_be_copied(source), source
        here = origin / source.lstrip("/")
        there = image.at(target)
        if here.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(here, there, symlinks=True, dirs_exist_ok=True, ignore=ignored)
        else:
            there.mkdir(parents=True, exist_ok=True)
            shutil.copy(here, there)


def run(image: Image, step: str) -> None:
    step = step.replace("--no-cache-dir ", "")  # the machine's cache spares the downloads
    is_root = os.geteuid() == 0
    if step.startswith("chown ") and not is_root:
        return
    made = subprocess.run(
        ["/bin/sh", "-c", f"umask 022; {image.moved(step)}"],
        cwd=image.at("."),
        # A Python as the image has one, and nothing that this suite runs with.
        env={
            **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
            "HOME": os.environ.get("HOME", "/"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    offline = "Failed to establish a new connection" in made.stderr
    if made.returncode and offline and not os.environ.get("CI"):
        pytest.skip("the image cannot be built without PyPI")
    assert made.returncode == 0, f"RUN {step}\n{made.stdout}\n{made.stderr}"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Image:
    """The image; built once, also where several processes run the tests."""
    if worker_id == "master":
        return build(tmp_path_factory.mktemp("image"))
    shared = tmp_path_factory.getbasetemp().parent
    note = shared / "image.json"
    with FileLock(shared / "image.lock"):
        if not note.exists():
            built = build(tmp_path_factory.mktemp("image"))
            note.write_text(json.dumps([str(built.root), *list(vars(built).values())[1:]]))
    root, *rest = json.loads(note.read_text())
    return Image(Path(root), *rest)


def build(top: Path) -> Image:
    """Step by step; stages that are done with are moved out of the way."""
    image = Image(top / "root")
    name, stages = "", dict[str, Path]()
    for instruction, rest in instructions(DOCKERFILE.read_text("utf-8")):
        match instruction:
            case "FROM":
                if name:
                    stages[name] = image.root.rename(top / name)
                name = rest.partition(" AS ")[2] or "last"
                image = Image(top / "root")
                image.root.mkdir()
                image.said["FROM"] = rest.partition(" ")[0]
            case "WORKDIR":
                image.folder = rest
                image.at(".").mkdir(parents=True, exist_ok=True)
            case "COPY":
                copy(image, rest.split(), stages)
            case "RUN":
                run(image, rest)
            case "ENV":
                image.environment |= dict(word.split("=", 1) for word in rest.split())
            case _:
                image.said[instruction] = rest
    return image


def test_the_image_is_built_from_a_python_that_telex_runs_on(image: Image) -> None:
    found = re.fullmatch(r"python:3\.([0-9]+)-slim", image.said["FROM"])
    assert found is not None
    assert f"Python :: 3.{found[1]}" in (ROOT / "pyproject.toml").read_text("utf-8")


def test_the_image_runs_as_a_user_who_owns_the_data_and_can_read_the_rest(image: Image) -> None:
    user = int(image.said["USER"].split(":")[0])
    assert user >= 10_000  # nobody's on the machine
    data = image.at(image.environment["DATA_DIR"]).stat()
    assert data.st_mode & 0o777 == 0o700
    assert data.st_uid == user or os.geteuid() != 0
    for path in image.at("/opt").rglob("*"):
        mode = path.lstat().st_mode
        assert path.is_symlink() or mode & 0o004, path
        assert not path.is_dir() or mode & 0o001, path


def test_the_image_brings_every_file_of_both_packages(image: Image) -> None:
    (installed,) = image.at("/opt/telex").glob("lib/python3*/site-packages")
    for package in ("bot", "twitter_core"):
        wanted = {
            path.relative_to(ROOT)
            for path in (ROOT / package).rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }
        assert {name for name in wanted if not (installed / name).exists()} == set()


def test_a_missing_setting_stops_the_container_with_status_2(image: Image, tmp_path: Path) -> None:
    command = [*json.loads(image.said["ENTRYPOINT"]), *json.loads(image.said["CMD"])]
    path = image.moved(image.environment["PATH"].partition(":")[0])
    ended = subprocess.run(
        [shutil.which(command[0], path=path) or "", *command[1:]],
        cwd=tmp_path,
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == telex.WRONG_SETUP
    assert ended.stderr.startswith("telex: TELEGRAM_BOT_TOKEN is not set: ")


async def test_the_container_posts_and_says_that_it_is_well_only_while_it_runs(
    image: Image, tmp_path: Path
) -> None:
    port = str(free_port())
    found = re.search(r"CMD (\[.*\])$", image.said["HEALTHCHECK"])
    assert found is not None
    bin_folder = image.at("/opt/telex/bin")
    health = [word.replace("8080", port) for word in json.loads(found[1])]
    health[0] = str(bin_folder / health[0])

    def is_well() -> bool:
        return subprocess.run(health, capture_output=True, timeout=30, check=False).returncode == 0

    assert not is_well()
    async with stage(tmp_path) as it:
        it.settings["LISTEN"] = image.environment["LISTEN"].replace("8080", port)
        it.data = image.at(image.environment["DATA_DIR"])
        it.settings["DATA_DIR"] = str(it.data)
        # What is installed, not what lies here.
        it.command = ("env", "-u", "PYTHONPATH", str(bin_folder / "telex"), "run")
        await it.start()
        await it.ready(60)
        await it.eventually(is_well)
        await post_a_picture(it)
        assert await it.stop() == 0
        assert not is_well()


# --- Compose ----------------------------------------------------------------------------------


def test_compose_says_what_the_dockerfile_says() -> None:
    compose = COMPOSE.read_text("utf-8")
    said = dict(instructions(DOCKERFILE.read_text("utf-8")))
    assert f'user: "{said["USER"]}"' in compose
    assert "read_only: true" in compose
    assert f"- data:{said['VOLUME']}\n" in compose
    assert f'- "127.0.0.1:{said["EXPOSE"]}:{said["EXPOSE"]}"\n' in compose
    assert f"DATA_DIR: {said['VOLUME']}\n" in compose
    assert f"LISTEN: 0.0.0.0:{said['EXPOSE']}\n" in compose
    assert (COMPOSE.parent / "..").resolve() == ROOT
    (built_from,) = re.findall(r"dockerfile: (\S+)", compose)
    assert ROOT / built_from == DOCKERFILE
    grace = re.search(r"stop_grace_period: ([0-9]+)s", compose)
    assert grace is not None
    assert int(grace[1]) > lifecycle.GRACE


def test_compose_sets_only_what_exists() -> None:
    block = COMPOSE.read_text("utf-8").partition("environment:\n")[2].partition("\n\n")[0]
    names = re.findall(r"^ +([A-Z_]+):", block, flags=re.MULTILINE)
    assert names == ["DATA_DIR", "LISTEN"]
    assert set(names) <= set(config.NAMES)
