"""What waits in files of this machine until the database has it: how many segments, and since when."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Backlog:
    """Segments below a folder, those of dead processes included."""

    segments: int
    oldest: datetime | None
    """When the oldest was last written to; None without any."""


def backlog(root: Path) -> Backlog:
    """Look at the segments below a folder, whoever wrote them; none when the folder is not there."""
    written = [at for path in root.glob("*/*") if path.suffix in {".open", ".sealed"} for at in _written(path)]
    return Backlog(len(written), datetime.fromtimestamp(min(written), UTC) if written else None)


def _written(path: Path) -> list[float]:
    """Nothing for a segment that was applied meanwhile."""
    try:
        return [path.stat().st_mtime]
    except FileNotFoundError:
        return []
