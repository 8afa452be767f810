"""Small files of the kinds that companies have, written here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from hypothesis import HealthCheck, settings

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""However busy the machine is."""

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STYLES = (
    f'<w:styles {W}>'
    '<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Ours"><w:name w:val="Our heading"/>'
    '<w:basedOn w:val="berschrift2"/></w:style></w:styles>'
)  # fmt: skip


def paragraph(text: str, style: str = "", more: str = "") -> str:
    """A paragraph of one run."""
    about = f'<w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>' if style or more else ""
    return f'<w:p>{about}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def docx(
    body: str, more: Mapping[str, bytes | str] | None = None, packing: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A Word document with this body."""
    parts: dict[str, bytes | str] = {
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": STYLES,
        **(more or {}),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return made.getvalue()


STANDARD = """# Access standard

Who may enter what, and for how long.

## Sessions

### Lifetime

A session of the booking desk ends after twenty minutes without a click. Sign in again afterwards.

### Devices

Tokens of a session are bound to the device that they were given to; see CWE-294.

## Storage

Links into object storage are good for five minutes and for one file only.
"""
