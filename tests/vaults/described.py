"""Descriptions of every format, with the names that are in them; and inventories as Glacier writes them."""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence

from thaw.vaults.inventory_text import HEADER, csv_line

UNNAMED = ""
"""The name of what has none."""


def base64_of(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def utf7(text: str) -> str:
    """As .NET writes it: each run of other characters is ended by a minus."""
    plain, out, held = "'(),-./:? \t\r\n", "", ""
    for character in (*text, None):
        direct = character is not None and (
            (character.isascii() and character.isalnum()) or character in plain
        )
        if held and (direct or character is None):
            coded = base64.b64encode(held.encode("utf-16-be")).decode().rstrip("=")
            out, held = f"{out}+{coded}-", ""
        if character is None:
            return out
        if direct:
            out += character
        elif character == "+" and not held:
            out += "+-"
        else:
            held += character
    return out


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


CLOUDBERRY = json.dumps({"Path": "c:\\photos\\cat.jpg", "UTCDateModified": "20120515T171946Z"})

NAMED: Sequence[tuple[str, str]] = (
    ("plain.txt", "plain.txt"),
    ("with space, and comma.txt", "with space, and comma.txt"),
    ('a "quoted" name', 'a "quoted" name'),
    ("  around  ", "around"),
    ("C:\\photos\\cat.jpg", "C:/photos/cat.jpg"),
    ("\\\\server\\share\\x", "server/share/x"),
    ("ends in a backslash\\", "ends in a backslash"),
    ("", UNNAMED),
    ("   ", UNNAMED),
    ("/", UNNAMED),
    (
        f"<m><v>4</v><p>{base64_of('photos/katzen/süß.jpg')}</p><lm>20120515T171946Z</lm></m>",
        "photos/katzen/süß.jpg",
    ),
    (f"<m><v>2</v><p>{base64_of('v2.txt')}</p><lm>20120515T171946Z</lm></m>", "v2.txt"),
    (f"<m><v>3</v><p>{base64_of('v3.txt').rstrip('=')}</p></m>", "v3.txt"),
    (
        f"<ArchiveMetadata><Path>{base64_of('v1/file.doc')}</Path><LastModified>x</LastModified></ArchiveMetadata>",
        "v1/file.doc",
    ),
    (f'"<m><v>4</v><p>{base64_of("in quotes")}</p></m>"', "in quotes"),
    ("<m><v>4</v><p>###</p></m>", UNNAMED),
    ("<m><v>4</v></m>", UNNAMED),
    (f"<m><v>4</v><p>{base64_of(bytes((0xFF, 0xFE, 0x80)))}</p></m>", UNNAMED),
    ("a < b > c", "a < b > c"),
    (CLOUDBERRY, "c:/photos/cat.jpg"),
    (_escaped(CLOUDBERRY), "c:/photos/cat.jpg"),
    (json.dumps({"path": "lower/case.txt"}), "lower/case.txt"),
    (json.dumps({"Path": 'say "hi".txt'}), 'say "hi".txt'),
    (json.dumps({"Path": utf7("c:\\Фото\\кот+мышь_1.jpg")}), "c:/Фото/кот+мышь_1.jpg"),
    (json.dumps({"Path": utf7("smile 😀.png")}), "smile 😀.png"),
    (_escaped(json.dumps({"Path": utf7("ä\\ö.txt")})), "ä/ö.txt"),
    (json.dumps({"Path": "a+b-c.txt"}), "a+b-c.txt"),
    (json.dumps({"Path": "1+1=2.txt"}), "1+1=2.txt"),
    (json.dumps({"Path": "+2D0-.txt"}), UNNAMED),
    (json.dumps({"Name": "no path"}), UNNAMED),
    (json.dumps({"Path": ""}), UNNAMED),
    ('{not json "}', '{not json "}'),
    ('{"Path": broken}', UNNAMED),
    ("{plain braces}", "{plain braces}"),
    ("a/../b/./c//d/", "a/__/b/_/c/d"),
    ("../../etc/passwd", "__/__/etc/passwd"),
    ("/absolute/path", "absolute/path"),
    ("..hidden/...", "..hidden/..."),
    (f"<m><v>4</v><p>{base64_of(chr(9).join(('tab', 'here')) + chr(0) + chr(0x85))}</p></m>", "tab_here__"),
)
"""Of every format that is known, and of none."""


def archive_id(number: int) -> str:
    """As long as Glacier's."""
    digest = hashlib.sha256(str(number).encode()).digest() * 4
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")[:138]


def row(
    number: int, description: str, created: str = "2012-05-15T17:19:46.700Z", size: int = 1, archive: str = ""
) -> dict[str, str | int]:
    """An archive as a JSON inventory lists it."""
    return {
        "ArchiveId": archive or archive_id(number),
        "ArchiveDescription": description,
        "CreationDate": created,
        "Size": size,
        "SHA256TreeHash": hashlib.sha256(f"tree {number}".encode()).hexdigest(),
    }


def rows_of(descriptions: Iterable[str]) -> list[dict[str, str | int]]:
    """Archives with these descriptions, in the order of their creation."""
    return [
        row(number, description, f"2012-05-15T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z")
        for number, description in enumerate(descriptions)
    ]


def inventory(rows: Iterable[dict[str, str | int]]) -> str:
    """As CSV."""
    return "".join(f"{line}\n" for line in (HEADER, *map(csv_line, rows)))
