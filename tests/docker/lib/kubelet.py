"""Does what the kubelet does when a pod is deleted, in its order and with its clock."""

import re
import subprocess
import time
from dataclasses import dataclass

# What a container gets after TERM however long its hook has taken.
MINIMUM = 2
# The kubelet's clock runs while `docker exec` finds its way in, which takes seconds here when a
# dozen containers are at work; the hook's own time is told from inside.
CLOCKED = 'sed "s/^/clock /" /proc/uptime; "$@"; code=$?; sed "s/^/clock /" /proc/uptime; exit $code'
SINCE_BOOT = time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()


@dataclass(frozen=True)
class Hook:
    """What became of a preStop hook."""
    code: int         # None: it had not ended when the grace was over
    took: float       # seconds, as the platform counts them: with the way in and out
    output: str
    began: float = None      # as time.monotonic() counts, inside; None: it had not ended
    seconds: float = None    # its own time


class RunningHook:
    """A preStop hook under way."""

    def __init__(self, pod, words):
        pod.ask()
        self._pod = pod
        self._asked = time.monotonic()
        self._process = pod.container.exec("sh", "-c", CLOCKED, "sh", *words, text=True,
                                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def running(self):
        return self._process.poll() is None

    def wait(self, limit):
        """Its Hook, at the latest after so many seconds; it goes on then, as in a pod."""
        try:
            said, _ = self._process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return Hook(None, time.monotonic() - self._asked, "")
        took = time.monotonic() - self._asked
        # docker keeps no order between what came over stdout and over stderr.
        clock = sorted(float(at) - SINCE_BOOT for at in re.findall(r"^clock (\S+)", said, re.M))
        if len(clock) != 2:    # it did not get in, or PID 1's end ended it too
            return Hook(self._process.returncode, took, said)
        self._pod.arrived(clock[0])
        output = re.sub(r"^clock .*\n?", "", said, flags=re.M)
        return Hook(self._process.returncode, took, output, clock[0], clock[1] - clock[0])


def delete(pod, hook=None):
    """Deletes the pod: hook, TERM, KILL; returns the Hook, or None. The grace is the pod's."""
    left, ended = pod.limit, None
    pod.ask()
    if hook:
        ended = RunningHook(pod, hook).wait(left)
        # It counts whole seconds.
        left = max(MINIMUM, left - int(ended.took))
    stop(pod, left)
    return ended


def stop(pod, seconds):
    """TERM, and KILL so many seconds later; keeps the books."""
    pod.term()
    pod.finish(grace=time.monotonic() - pod.asked() + seconds)
