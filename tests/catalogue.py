"""Compile the Chinese catalogue, or see that it is compiled: `python -m tests.catalogue [--check]`.

polib does it, so that no machine needs GNU gettext.
"""

import sys
from pathlib import Path
from typing import Any

import polib

FOLDER = Path(__file__).resolve().parent.parent / "pingtang_union" / "locale" / "zh_Hans" / "LC_MESSAGES"


def texts(entries: Any) -> dict[tuple[Any, ...], Any]:
    """What a catalogue says: {(context, text, plural): translation}, without untranslated and fuzzy entries."""
    return {
        (entry.msgctxt, entry.msgid, entry.msgid_plural): dict(entry.msgstr_plural) or entry.msgstr
        for entry in entries
        if entry.msgid and "fuzzy" not in getattr(entry, "flags", ()) and (entry.msgstr or entry.msgstr_plural)
    }


def main(arguments: list[str]) -> int:
    """0 when every .mo says what its .po says (afterwards, without --check)."""
    stale = []
    for source in sorted(FOLDER.glob("*.po")):
        catalogue, compiled = polib.pofile(str(source)), source.with_suffix(".mo")
        if "--check" not in arguments:
            catalogue.save_as_mofile(str(compiled))
        elif not compiled.exists() or texts(catalogue) != texts(polib.mofile(str(compiled))):
            stale.append(source.name)
    if stale:
        print(f"not compiled: {', '.join(stale)}; run: make messages", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
