"""docs/verification.md, of which every script here writes one section."""

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "verification.md"


def write_section(title, text):
    """Replace the section of a title, or add it at the end of the page."""
    sections = re.split(r"^(?=## )", PAGE.read_text(), flags=re.MULTILINE)
    new = f"## {title}\n\n{text.strip()}\n"
    places = [i for i, section in enumerate(sections) if section.startswith(f"## {title}\n")]
    if places:
        sections[places[0]] = new
    else:
        sections.append(new)
    PAGE.write_text("\n\n".join(section.strip() for section in sections) + "\n")


def section(title):
    """Return the text of the section of a title."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.DOTALL | re.MULTILINE)[1]


def table(heads, rows):
    """Return a table whose first column is of text, and the others of numbers."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
