"""The health probe: asks a container every second, as long as it lives."""

import subprocess
import threading
import time
from dataclasses import dataclass

# One `docker exec` asks for all of it: with one for each question, as the kubelet has, a dozen
# containers at a time would keep this machine busy with nothing else. test_probes.py has it so.
ASK = """
while :; do
    lastcall health live >/dev/null 2>&1; live=$?
    lastcall health ready >/dev/null 2>&1; echo $live $?
    sleep 1
done
"""


# Within so long of the request the answer has turned: it is asked for once a second.
LATEST = 1.5


@dataclass(frozen=True)
class Answer:
    at: float      # time.monotonic()
    live: int      # exit codes
    ready: int


class Probe:
    """Asks from now on, until the container ends."""

    def __init__(self, container):
        self.answers = []
        self._container = container
        self._thread = threading.Thread(target=self._ask_on, daemon=True)
        self._thread.start()

    def ready(self):
        """Whether the last answer was that it is."""
        return bool(self.answers) and self.answers[-1].ready == 0

    def join(self):
        self._thread.join(15.0)

    def _ask_on(self):
        # Before the container runs, exec is refused.
        while self._container.alive and not self.answers:
            asking = self._container.exec("sh", "-c", ASK, text=True, stdout=subprocess.PIPE,
                                          stderr=subprocess.DEVNULL)
            with asking.stdout:
                for line in asking.stdout:
                    live, ready = line.split()
                    self.answers.append(Answer(time.monotonic(), int(live), int(ready)))
            asking.wait()

    def problems(self, asked, heard_at, ended):
        """What was wrong with the answers; asked, heard_at: when the request to end set out and when
        it had arrived; ended: PID 1's end."""
        # In its last moments the answer is that nobody answers.
        heard = [answer for answer in self.answers if answer.at < ended - 1.0]
        up = [answer for answer in heard if answer.at < asked and answer.ready == 0]
        later = [answer for answer in heard if answer.at > asked]
        begun = next((answer.at for answer in later if answer.ready == 1), None)
        draining = [answer for answer in later if begun is not None and answer.at >= begun]
        first_up = up[0].at if up else asked
        found = []
        if not up:
            found.append("was never ready before the shutdown")
        if ended > heard_at + LATEST + 1.0 and (begun is None or begun > heard_at + LATEST):
            found.append(f"health ready did not say 1 within {LATEST} s of the request")
        for answer in heard:
            when = f"{answer.at - asked:+.1f} s"
            if answer.live != 0 and answer.at > first_up:
                found.append(f"health live said {answer.live} at {when}")
            if answer.ready != 0 and first_up < answer.at < asked - 0.5:
                found.append(f"health ready said {answer.ready} at {when}")
        found += [f"health ready said {answer.ready} at {answer.at - asked:+.1f} s"
                  for answer in draining if answer.ready != 1]
        return found[:5]
