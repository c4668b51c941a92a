"""Celery is told TERM, finishes what it runs, and is told QUIT shortly before the deadline.

Its prefetched jobs go back to Redis. Those that QUIT cuts off do so with acks_late only.
"""

import base64
import json

from lib.bench import Skip

TIMEOUT = 110
WEIGHT = 3

TASKS = '''
import os, time
from celery import Celery

app = Celery(broker="redis+socket://" + os.environ["REDIS_URL"].removeprefix("unix://"))
app.conf.task_acks_late = "ACKS_LATE" in os.environ

def note(word, name):
    with open("jobs.log", "ab", buffering=0) as log:
        log.write(f"{word} {name} {time.monotonic()}\\n".encode())

@app.task(name="Nap")
def nap(name, seconds):
    note("start", name)
    time.sleep(seconds)
    note("done", name)
'''


class CeleryQueue:
    """The list of the waiting, and the hash of those that a worker took and has not acknowledged. When
    it dies, other workers queue what is in the hash again, once visibility_timeout is over."""

    @staticmethod
    def push(redis, name, job, seconds):
        body = json.dumps([[name, seconds], {}, {}]).encode()
        redis.call("LPUSH", "celery", json.dumps({
            "body": base64.b64encode(body).decode(),
            "content-type": "application/json", "content-encoding": "utf-8",
            "headers": {"lang": "py", "task": job, "id": name, "root_id": name},
            "properties": {"delivery_tag": name, "delivery_mode": 2, "body_encoding": "base64",
                           "delivery_info": {"exchange": "", "routing_key": "celery"}}}))

    @staticmethod
    def read(redis):
        messages = [json.loads(text) for text in redis.call("LRANGE", "celery", 0, -1)]
        messages += [json.loads(text)[0] for text in redis.call("HVALS", "unacked")]
        return [message["headers"]["id"] for message in messages]


def scenario(bench):
    if not all(map(bench.place.version, ("celery", "python3-redis"))):
        raise Skip("celery and python3-redis are not installed here")

    def play(label, deadline, seconds, **environment):
        with bench.open(label, deadline=deadline) as run:
            run.queue = CeleryQueue
            (run.folder / "tasks.py").write_text(TASKS)
            # More than Celery fetches beforehand: kombu 5.2.4 loses a job that comes in the
            # moment of TERM, where it has a BRPOP under way (kombu #1733), under every init.
            run.enqueue("Nap", 12, seconds=seconds)
            run.start(["celery", "-A", "tasks", "worker", "-c", "2"], **environment)
            began = run.wait_started(2)
            bench.pause_until(began + 2)
            run.term()
            run.finish()
            bench.check(run, "celery: profile celery, " in run.story(), "another profile was taken")
        return run

    def finishes():
        # TERM 30s, QUIT 5s as it stands in the profile would be over before the jobs are.
        run = play("-d 60s, jobs of 38 s", 60, 38)
        bench.expect(run, exit_code=0, finished=2, queued=10, lost=0, twice=0, interrupted=0, tail=6)

    def cut_off():
        run = play("-d 42s, jobs of 60 s", 42, 60)
        bench.expect(run, exit_code=1, within=40, finished=0, queued=10, lost=2, twice=0, interrupted=2)

    def handed_back():
        run = play("-d 42s, jobs of 60 s, acks_late", 42, 60, ACKS_LATE="yes")
        bench.expect(run, exit_code=1, within=40, finished=0, queued=12, lost=0, twice=0, interrupted=2)

    bench.parallel(lambda one: one(), [finishes, cut_off, handed_back])
