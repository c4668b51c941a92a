"""A Redis of the pod that dies in a drain is back before a job notices; a Sidekiq that dies is not."""

import os
import signal

TIMEOUT = 120
WEIGHT = 2

# Sidekiqs are after the task, and only that is after Redis: it is theirs all the same.
CONFIG = """\
[lastcall]
deadline = 90s
[service:redis]
command = redis-server --port 0 --unixsocket {folder}/redis-inside.sock --appendonly yes --dir redis
ready = unix:{folder}/redis-inside.sock
restart = always
backoff = 200ms 1s
[task:migrate]
command = sh -c 'echo done > migrated'
after = redis
[service:worker]
command = sidekiq -r ./app.rb -c 5 -t 5
after = migrate
[service:other]
command = sidekiq -r ./app.rb -c 1 -t 5 -q other
after = migrate
restart = always
"""


def scenario(bench):
    with bench.open("Redis and a Sidekiq killed", deadline=90) as run:
        redis = run.folder / "redis"
        redis.mkdir(mode=0o777)
        run.start([], config=CONFIG.replace("redis-server", bench.place.program("redis-server", "valkey-server")),
                  REDIS_URL="unix://" + bench.place.inside(run.folder / "redis-inside.sock"))
        run.wait_redis_inside("redis-inside.sock", "redis")
        run.enqueue("Nap", 5, seconds=20)
        run.wait_started(5)
        run.wait_until(lambda: "other: ready" in run.story(), "the other Sidekiq")
        run.term()
        run.wait_until(lambda: run.story().count(": quiet (TSTP)") == 2, "both to be told")
        os.kill(run.pid_of("redis"), signal.SIGKILL)
        os.kill(run.pid_of("other"), signal.SIGKILL)
        run.finish()
        story = run.story()
        bench.check(run, story.count("redis (pid") == 2, "Redis was not started again")
        bench.check(run, story.count("other (pid") == 1, "the Sidekiq that died was started again")
        bench.check(run, story.index("worker: stopped") < story.index("redis: stopped"),
                    "Redis was stopped before the worker")
    bench.expect(run, exit_code=137, finished=5, queued=0, lost=0, twice=0, interrupted=0, tail=bench.tail_limit)
