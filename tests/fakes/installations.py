"""What workspaces handed over, kept in a dictionary."""

from core.model import Installation, Platform


class MemoryInstallations:
    """`Installations` on paper."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Platform, str], Installation] = {}
        self.asked = 0

    async def get(self, platform: Platform, workspace: str) -> Installation | None:
        self.asked += 1
        return self.kept.get((platform, workspace))

    async def put(self, installation: Installation) -> None:
        self.kept[installation.platform, installation.workspace] = installation

    async def remove(self, platform: Platform, workspace: str) -> bool:
        return self.kept.pop((platform, workspace), None) is not None
