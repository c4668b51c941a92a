"""Does what the kubelet does when a pod is deleted, in its order and with its clock."""

import subprocess
import time
from dataclasses import dataclass

# What a container gets after TERM however long its hook has taken.
MINIMUM = 2


@dataclass(frozen=True)
class Hook:
    """What became of a preStop hook."""
    code: int         # None: it had not ended when the grace was over
    seconds: float
    output: str


class RunningHook:
    """A preStop hook under way."""

    def __init__(self, pod, words):
        pod.ask()
        self.began = time.monotonic()
        self._process = pod.container.exec(*words, text=True, stdout=subprocess.PIPE,
                                           stderr=subprocess.STDOUT)

    def running(self):
        return self._process.poll() is None

    def wait(self, limit):
        """Its Hook, at the latest after so many seconds; it goes on then, as in a pod."""
        try:
            output, _ = self._process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return Hook(None, time.monotonic() - self.began, "")
        return Hook(self._process.returncode, time.monotonic() - self.began, output)


def delete(pod, hook=None):
    """Deletes the pod: hook, TERM, KILL; returns the Hook, or None. The grace is the pod's."""
    left, ended = pod.limit, None
    pod.ask()
    if hook:
        ended = RunningHook(pod, hook).wait(left)
        # It counts whole seconds.
        left = max(MINIMUM, left - int(ended.seconds))
    stop(pod, left)
    return ended


def stop(pod, seconds):
    """TERM, and KILL so many seconds later; keeps the books."""
    pod.term()
    pod.finish(grace=time.monotonic() - pod.asked() + seconds)
