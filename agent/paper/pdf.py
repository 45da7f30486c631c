"""A page of texts as PDF, with fonts that have every character of it; by Typst, offline.

PDF/A-3b (ISO 19005-3, unread) embeds its fonts and forbids a character without a glyph; Typst
holds its output to that, so a page with holes is an error here and never a file.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from agent.errors import UsageError

Json = dict[str, Any]

PACKAGES: Final = "fonts-wqy-microhei, fonts-noto-cjk"
"""Debian's, with simplified Chinese; the first has 2 MB."""

_LATIN: Final = "Libertinus Serif"  # comes with Typst
# Families with simplified Chinese that Linux distributions have, the better ones first.
_CHINESE: Final = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Serif CJK SC", "Noto Serif SC",
    "Droid Sans Fallback", "AR PL UMing CN", "AR PL UKai CN",
)  # fmt: skip
_STANDARD: Final = "a-3b"
_NO_GLYPH: Final = re.compile(r"the text `\"(.*?)\"` could not be displayed", re.DOTALL)


def pdf_of(
    page: Json,
    made_at: str,
    *,
    chinese: bool,
    font: str | None = None,
    evidence: bytes | None = None,
) -> bytes:
    """The page as PDF; the same page, fonts and Typst give the same bytes.

    `page`: what `certificate.typ` takes, but for the fonts. `chinese`: its texts are. `font`: a
    file to take Chinese characters from. `evidence` is attached to it.

    Raises:
        UsageError: Typst is not installed, or no font has a character of the page.
    """
    typst = _typst()
    family, paths = _font_for(typst, font, needed=chinese)
    stack = [family, _LATIN] if chinese else [_LATIN, family]
    inputs = {"page": json.dumps({**page, "fonts": [each for each in stack if each is not None]})}
    if evidence is not None:
        inputs["evidence"] = evidence.decode()
    try:
        made: bytes = typst.compile(
            (files("agent.paper") / "certificate.typ").read_bytes(),
            sys_inputs=inputs,
            font_paths=[str(path) for path in paths],
            ignore_system_fonts=bool(paths),
            timestamp=datetime.fromisoformat(made_at).replace(microsecond=0),
            pdf_standards=_STANDARD,
        )
    except typst.TypstError as error:
        without = _NO_GLYPH.search(error.message)
        if without is None:
            raise
        raise UsageError(
            "no font here has {text}: install one ({packages}), or name its file (--font FILE)",
            text=without[1],
            packages=PACKAGES,
        ) from error
    return made


def _typst() -> Any:
    try:
        import typst
    except ImportError as error:
        text = "{name} is not installed (pip install 'simward[pdf]')"
        raise UsageError(text, name="typst") from error
    return typst


def _font_for(typst: Any, font: str | None, *, needed: bool) -> tuple[str | None, Sequence[Path]]:
    """The family to take Chinese characters from, and where it lies if not with the system's."""
    if font is not None:
        path = Path(font).resolve()
        # A folder is what can be searched; of what is there, this file alone is meant.
        found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False,
                            font_paths=[str(path.parent)])  # fmt: skip
        faces = [each for each in found.fonts() if each.path and Path(each.path) == path]
        if not faces:
            raise UsageError("{name}: {file} is no font file", name="--font", file=font)
        chosen = [each for each in faces if each.family in _CHINESE] or faces
        return chosen[0].family, (path.parent,)
    families = set(typst.Fonts().families())
    family = next((each for each in _CHINESE if each in families), None)
    if family is None and needed:
        raise UsageError(
            "no font with Chinese characters is installed: install one ({packages}), or name its"
            " file (--font FILE)",
            packages=PACKAGES,
        )
    return family, ()
