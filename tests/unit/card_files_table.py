"""The tables of docs/card_files.md, made from the code; run it to write them anew."""

import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "card_files.md"


def tables():
    """By their names in the page."""
    from sim.files.registry import ALL_FILES, KEY_FILES, UNDECODED

    decoded = ["| file | FID | where | fields | what it is | source |", "|---|---|---|---|---|---|"]
    decoded += [
        f"| {f.name} | {identifier(f.fid)} | {places(f.parents)} | {fields(f)} | {f.title} "
        f"| {f.source} |"
        for f in ALL_FILES
    ]
    head = ["| file | FID | where | what it is |", "|---|---|---|---|"]
    keys, shown = (
        [*head, *(f"| {f.name} | {f.fid:04X} | {places(f.parents)} | {f.title} |" for f in files)]
        for files in (KEY_FILES, UNDECODED)
    )
    return {"decoded": decoded, "keys": keys, "undecoded": shown}


def identifier(fid):
    return "from EF.PBR" if fid is None else f"{fid:04X}"


def places(parents):
    return ", ".join(parent.removeprefix("MF/") for parent in parents)


def fields(file):
    names = dict.fromkeys(name for vector in file.vectors for name in vector.value)
    return ", ".join(f"`{name}`" for name in names)


def written(page):
    """The page with its tables as the code has them now."""
    for name, lines in tables().items():
        head, rest = page.split(f"<!-- {name} -->")
        tail = rest.split(f"<!-- /{name} -->")[1]
        page = "\n".join([f"{head}<!-- {name} -->", *lines, f"<!-- /{name} -->{tail}"])
    return page


if __name__ == "__main__":
    sys.path.insert(0, str(PAGE.parents[1]))
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
