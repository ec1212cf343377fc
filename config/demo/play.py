"""What plays by itself when the demo is up: an incident, then a campaign."""

from collections.abc import Callable

from config.demo import campaign, incident
from config.demo.doors import Trouble
from config.demo.place import Place


def play(place: Place, say: Callable[[str], None]) -> None:
    """Play both, and say what one may do next."""
    for what, act in (("incident", incident.play), ("campaign", campaign.play)):
        try:
            act(place, say)
        except Trouble as trouble:
            say(f"The {what} could not be played: {trouble}")
        say("")
    web = f"http://localhost:{place.port}/admin"
    say(f"Now you: open an incident at {web}/incidents/incident/add/")
    say(f"or write a campaign at {web}/shifts/campaign/add/")
    say(f"and answer from a handset at {place.simulator_url}/simulator/: YES, NO, a shift's code, REQUEST, STOP, JOIN.")
    say("Ctrl-C ends the demo.")
