"""What somebody looks at, as the page's address says it."""

from typing import Literal, Self
from urllib.parse import urlencode

import msgspec

from features.territory import TerritoryState

Sort = Literal["risk", "name"]


class Selection(msgspec.Struct, frozen=True):
    """An appointment and whoever serves it, or a technician alone, or nothing; and how rows are sorted."""

    appointment: str | None = None
    technician: str | None = None
    sort: Sort = "risk"

    @classmethod
    def of(
        cls, territory: TerritoryState, appointment: str | None, technician: str | None, sort: str | None
    ) -> Self:
        """What an address asks for. What is not there today is not selected."""
        by: Sort = "name" if sort == "name" else "risk"
        planned = territory.appointments.get(appointment or "")
        if planned is not None:
            return cls(appointment, planned.technician, by)
        return cls(None, technician if technician in territory.roster else None, by)

    def link(self, *, appointment: str | None = None, technician: str | None = None) -> str:
        """The address of another selection, relative to the page."""
        return self._address(appointment, technician, self.sort)

    def sorted(self, by: Sort) -> str:
        """The address of the same selection, sorted otherwise."""
        return self._address(self.appointment, None if self.appointment else self.technician, by)

    def _address(self, appointment: str | None, technician: str | None, sort: Sort) -> str:
        said = {
            "appointment": appointment,
            "technician": technician,
            "sort": None if sort == "risk" else sort,
        }
        return "?" + urlencode({name: value for name, value in said.items() if value})
