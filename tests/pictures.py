"""Small diagrams as pictures, drawn for the tests."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

LABELS = ("Buyer", "Shop API", "Orders")


def png(width: int = 640, height: int = 160, labels: tuple[str, ...] = LABELS, form: str = "PNG") -> bytes:
    """Boxes in a row with an arrow from each to the next; `form` is a format's name as Pillow has it."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    step = width // len(labels)
    for place, label in enumerate(labels):
        left, top, right, bottom = place * step + step // 8, height // 4, (place + 1) * step - step // 8, 0
        bottom = height - height // 4
        draw.rectangle((left, top, right, bottom), outline="black", width=2)
        draw.text((left + 8, height // 2 - 6), label, fill="black")
        if place:
            draw.line((place * step - step // 8, height // 2, left, height // 2), fill="black", width=2)
    kept = BytesIO()
    picture.save(kept, form)
    return kept.getvalue()
