"""Delayed Job is told TERM, and finishes the job that it runs if that is over before the deadline.

At the deadline it gets KILL, and the job stays locked in its table. A QUIT before that hands it back.
"""

import sqlite3
from contextlib import closing

from lib.bench import Skip

TIMEOUT = 110
WEIGHT = 3

RAKEFILE = '''
require "delayed_job_active_record"
load "delayed/tasks.rb"

Nap = Struct.new(:id, :seconds) do
  def note(word)
    now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    File.open("jobs.log", "a") { |log| log.syswrite("#{word} #{id} #{now}\\n") }
  end

  def perform
    note("start")
    sleep seconds
    note("done")
  end
end

task :environment do
  ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: "jobs.sqlite3", timeout: 5000)
end
'''

# What `rails generate delayed_job:active_record` makes.
SCHEMA = '''
CREATE TABLE delayed_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, priority INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, handler TEXT NOT NULL, last_error TEXT, run_at DATETIME,
    locked_at DATETIME, failed_at DATETIME, locked_by VARCHAR, queue VARCHAR,
    created_at DATETIME, updated_at DATETIME)
'''


class Table:
    """Where a row is a job that is not done."""

    def __init__(self, folder):
        self._path = folder / "jobs.sqlite3"
        self._rows(SCHEMA)

    def _rows(self, statement, *values):
        with closing(sqlite3.connect(self._path, timeout=20)) as database, database:
            return database.execute(statement, values).fetchall()

    def push(self, _, name, job, seconds):
        self._rows("INSERT INTO delayed_jobs (handler, run_at) VALUES (?, DATETIME('now'))",
                   f"--- !ruby/struct:{job}\nid: {name}\nseconds: {seconds}\n")

    def read(self, _):
        return [handler.split()[3] for (handler,) in self._rows("SELECT handler FROM delayed_jobs")]

    def locked_and_tried(self):
        """How many a worker has taken for itself, and how often jobs have failed."""
        return self._rows("SELECT COUNT(locked_by), SUM(attempts) FROM delayed_jobs")[0]


def scenario(bench):
    if not all(map(bench.place.version, ("rake", "ruby-delayed-job-active-record", "ruby-sqlite3"))):
        raise Skip("Delayed Job is not installed here")

    def play(label, deadline, seconds, locked_and_tried, **environment):
        with bench.open(label, deadline=deadline) as run:
            run.queue = Table(run.folder)
            (run.folder / "Rakefile").write_text(RAKEFILE)
            run.enqueue("Nap", 3, seconds=seconds)
            run.start(["rake", "jobs:work"], **environment)
            began = run.wait_started(1)
            bench.pause_until(began + 2)
            run.term()
            run.finish()
            bench.check(run, "delayed_job: profile delayed_job, " in run.story(),
                        "another profile was taken")
            found = run.queue.locked_and_tried()
            bench.check(run, found == locked_and_tried, f"locked and tried: {found}")
        return run

    def finishes():
        # TERM 30s as it stands in the profile would be over before the job is.
        run = play("-d 60s, jobs of 38 s", 60, 38, (0, 0))
        bench.expect(run, exit_code=0, finished=1, queued=2, lost=0, twice=0, interrupted=0, tail=3)

    def cut_off():
        run = play("-d 15s, jobs of 60 s", 15, 60, (1, 0))
        bench.expect(run, exit_code=137, within=15, finished=0, queued=3, lost=0, twice=0, interrupted=1)

    def handed_back():
        run = play("QUIT after 10 s, jobs of 60 s", 30, 60, (0, 1), LASTCALL_STOP="TERM 10s, QUIT 5s")
        bench.expect(run, exit_code=0, within=15, finished=0, queued=3, lost=0, twice=0, interrupted=1)

    bench.parallel(lambda one: one(), [finishes, cut_off, handed_back])
