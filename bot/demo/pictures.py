"""Pictures to post: one bay at three hours of the day, drawn here. Writes no file."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageOps

WIDTH, HEIGHT = 1200, 800
HORIZON = 520
HILLS = ((0, HORIZON), (0, 440), (150, 405), (300, 470), (420, 490), (560, HORIZON))


@dataclass(frozen=True, slots=True)
class Hour:
    """The light of an hour: colours from the top down, and where the sun stands."""

    sky: tuple[str, str, str]
    sea: tuple[str, str]
    sun: str
    at: tuple[int, int]


DAWN = Hour(("#33406f", "#c98aa3", "#ffd9b0"), ("#b9889f", "#20335c"), "#fff1d6", (380, 455))
NOON = Hour(("#1d6fc0", "#5aa9e6", "#d8f0ff"), ("#4aa3c7", "#0b3c66"), "#ffffff", (760, 170))
DUSK = Hour(("#1d1b4c", "#8d3f7d", "#ff9a5a"), ("#a5506f", "#171a45"), "#ffe1a1", (600, 470))


def draw(hour: Hour) -> bytes:
    """A JPEG of the bay; the same hour gives the same bytes."""
    shallow, deep = hour.sea
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    picture.paste(_fade(HORIZON, *hour.sky), (0, 0))
    picture.paste(_fade(HEIGHT - HORIZON, shallow, _between(shallow, deep), deep), (0, HORIZON))
    picture.paste(hour.sun, (0, 0, WIDTH, HEIGHT), _light(*hour.at))
    ImageDraw.Draw(picture).polygon(HILLS, fill=_between(hour.sky[0], deep))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def _fade(height: int, top: str, middle: str | tuple[int, ...], bottom: str) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((WIDTH, height))
    return ImageOps.colorize(ramp, black=top, mid=middle, white=bottom)


def _light(x: int, y: int) -> Image.Image:
    """Where the sun shines and how brightly: its disc, its glow, its path on the water."""
    glow = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(glow).ellipse((x - 150, y - 150, x + 150, y + 150), fill=120)
    light = glow.filter(ImageFilter.GaussianBlur(60))
    pen = ImageDraw.Draw(light)
    pen.ellipse((x - 55, y - 55, x + 55, y + 55), fill=255)
    pen.rectangle((0, HORIZON, WIDTH, HEIGHT), fill=0)
    chance = random.Random(7)  # noqa: S311 - the waves shall be the same each time
    for row in range(HORIZON + 6, HEIGHT, 9):
        near = (row - HORIZON) / (HEIGHT - HORIZON)
        half = int(18 + 150 * near * chance.uniform(0.5, 1))
        centre = x + int(chance.uniform(-30, 30) * (0.2 + near))
        shine = int(190 * (1 - 0.7 * near))
        pen.rounded_rectangle((centre - half, row, centre + half, row + 3), 2, fill=shine)
    return light


def _between(one: str, other: str) -> tuple[int, ...]:
    pairs = zip(ImageColor.getrgb(one), ImageColor.getrgb(other), strict=True)
    return tuple((a + b) // 2 for a, b in pairs)
