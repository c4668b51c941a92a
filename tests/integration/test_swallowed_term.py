"""A program that swallows TERM while it boots, as Ruby does now and then, gets it again."""

from lib import Box

BOOT = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1] + "/up", "w").close()
while not os.path.exists(sys.argv[1] + "/go"):
    time.sleep(0.02)
signal.signal(signal.SIGTSTP, lambda *_: None)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    signal.pause()
"""


def test_term_again_when_its_traps_are_set():
    with Box(options=["-d", "60s", "-p", "sidekiq"],
             command=["/usr/bin/python3", "-c", BOOT, "{dir}"]) as box:
        box.wait_file("up")
        box.signal("TERM")
        box.err.wait("still booting")
        open(box.dir + "/go", "w").close()
        box.err.wait("TERM again")
        assert box.wait() == 0
