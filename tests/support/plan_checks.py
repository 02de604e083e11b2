"""What holds of a territory's day whatever happens."""

from features.territory import TerritoryState
from features.wishes import at_risk


def check(state: TerritoryState) -> None:
    """Every appointment is on exactly one route, or waits for somebody, or has ended."""
    places = [name for route in state.routes.values() for name in route]
    assert len(places) == len(set(places)), "an appointment is on the routes twice"
    assert all(name in state.appointments for name in places)
    wished = {name for wish in state.wishes for name in wish.about}
    for name, planned in state.appointments.items():
        if planned.ended:
            assert name not in places
        elif planned.technician is None:
            assert name not in places
            assert name in wished, f"nobody serves {name}, and nobody is looked for"
        else:
            assert name in state.routes[planned.technician]
        if at_risk(state, name) and state.proposal is None:
            assert name in wished
    for name, known in state.risks.items():
        assert state.appointments[name].technician == known.technician
