"""Makes of a picture from outside one of ours: square, small, in one format, with nothing in it but what is seen."""

import warnings
from io import BytesIO

from PIL import Image, ImageOps

SIDE = 96  # pixels; shown at 28 to 48, on screens of two or three dots a pixel
TYPE = "image/webp"
_FORMATS = ("JPEG", "PNG", "WEBP")
_MOST_PIXELS = 4096 * 4096


class NotAPicture(Exception):
    """The bytes are no picture of a kind and size that is taken."""


def thumbnail(data: bytes) -> bytes:
    """A WebP of 96 by 96 pixels, cut from the middle. Position, camera, profile, comments and further frames stay behind.

    The size is read from the head and refused before anything is unpacked: a few kilobytes can unpack to gigabytes.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=_FORMATS) as found:
                width, height = found.size
                if not 0 < width * height <= _MOST_PIXELS:
                    raise NotAPicture(f"{width} by {height} pixels")
                found.draft("RGB", (SIDE * 4, SIDE * 4))  # lets a large JPEG be unpacked small
                upright = ImageOps.exif_transpose(found)
                small = ImageOps.fit(upright.convert("RGBA"), (SIDE, SIDE), Image.Resampling.LANCZOS)
    except NotAPicture:
        raise
    except Exception as error:  # Pillow's readers raise what they like on damaged files
        raise NotAPicture(type(error).__name__) from None
    paper = Image.new("RGB", (SIDE, SIDE), "white")
    paper.paste(small, mask=small.getchannel("A"))
    out = BytesIO()
    paper.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()
