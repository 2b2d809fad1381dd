"""What becomes of a picture from outside: small, square, with nothing in it but what is seen; and what is no picture is refused."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from integrations.thumbnails import SIDE, NotAPicture, thumbnail

HIDDEN = b"48.1371N 11.5754E secret words"


def picture(kind: str, size: tuple[int, int] = (300, 200), mode: str = "RGB", **how: Any) -> bytes:
    image = Image.new(mode, size, "red" if mode not in {"L", "1", "P", "CMYK"} else 1)
    out = BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def seen(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    assert (image.format, image.size, image.mode) == ("WEBP", (SIDE, SIDE), "RGB")
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(168, 168), (1, 1), (3000, 40), (40, 3000)])
def test_a_picture_of_any_shape_becomes_a_small_square(kind: str, size: tuple[int, int]) -> None:
    small = thumbnail(picture(kind, size))
    red, green, blue = seen(small).getpixel((48, 48))
    assert red > 240 and green < 15 and blue < 15
    assert len(small) < 6_000


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("PNG", "L"), ("PNG", "1"), ("PNG", "I;16"), ("JPEG", "CMYK")]
)
def test_every_way_to_write_colours_is_read(kind: str, mode: str) -> None:
    seen(thumbnail(picture(kind, mode=mode)))


def test_what_is_transparent_is_shown_on_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    assert min(seen(thumbnail(out.getvalue())).getpixel((20, 20))) > 250


def test_where_it_was_taken_and_what_was_written_into_it_stays_behind() -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x010F] = HIDDEN.decode(), "a camera"
    exif.get_ifd(0x8825)[1] = "N"
    words = PngInfo()
    words.add_text("Comment", HIDDEN.decode())
    for data in (
        picture("JPEG", exif=exif, comment=HIDDEN, icc_profile=HIDDEN),
        picture("PNG", pnginfo=words, exif=exif),
        picture("WEBP", exif=exif, xmp=HIDDEN),
    ):
        small = thumbnail(data)
        assert HIDDEN in data and HIDDEN not in small
        assert {"exif", "icc_profile", "xmp"}.isdisjoint(seen(small).info)
        assert b"EXIF" not in small and b"ICCP" not in small and b"XMP" not in small


def test_a_picture_that_lies_on_its_side_is_put_upright() -> None:
    image, out, exif = Image.new("RGB", (200, 200), "blue"), BytesIO(), Image.Exif()
    image.paste("red", (0, 0, 200, 100))
    exif[0x0112] = 6  # turned by a quarter: the top is on the right
    image.save(out, "JPEG", exif=exif)
    shown = seen(thumbnail(out.getvalue()))
    assert shown.getpixel((80, 48))[0] > 200 and shown.getpixel((15, 48))[2] > 200


def test_of_a_picture_that_moves_the_first_frame_is_kept() -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("lime", "blue", "red")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    small = thumbnail(out.getvalue())
    assert seen(small).getpixel((40, 40))[1] > 240
    assert getattr(seen(small), "n_frames", 1) == 1


def png_that_says(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_a_small_file_that_would_unpack_to_gigabytes_is_refused_by_its_head(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = png_that_says(30_000, 30_000, zlib.compress(b"\0" * 1_000_000))
    assert len(bomb) < 2_000
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was unpacked"))
    for data in (bomb, png_that_says(4097, 4096), png_that_says(0, 5), png_that_says(2**31 - 1, 1)):
        with pytest.raises(NotAPicture):
            thumbnail(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 50,
        b"<html>an error</html>",
        picture("JPEG")[:300],
        picture("PNG")[:60],
        picture("BMP"),
        picture("TIFF"),
        picture("GIF", mode="P"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        png_that_says(20, 20, b"not packed"),
    ],
    ids=range(11),
)
def test_what_is_no_picture_of_a_known_kind_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        thumbnail(data)
