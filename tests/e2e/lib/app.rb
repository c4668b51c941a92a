# The application of the end-to-end runs: jobs that keep books of themselves.
# One file, no Rails: what matters here is Sidekiq. Run with `sidekiq -r ./app.rb`.

require "sidekiq"

# Debian's redis-rb says of each call of Debian's Sidekiq that it will change.
Redis.silence_deprecations = true if defined?(Redis) && Redis.respond_to?(:silence_deprecations=)

# One line for each thing that happens, each in a single appending write, so that the
# lines of many threads and processes never mix.
module Books
  LOG = File.expand_path("jobs.log", __dir__)

  def self.note(word, id)
    now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    File.open(LOG, File::WRONLY | File::APPEND | File::CREAT) do |log|
      log.syswrite("#{word} #{id} #{now}\n")
    end
  end
end

# Sleeps for so many seconds: a job that waits for a database or an API.
class Nap
  include Sidekiq::Job

  def perform(id, seconds)
    Books.note("start", id)
    work(seconds)
    Books.note("done", id)
  end

  def work(seconds)
    sleep seconds
  end
end

# Computes for so many seconds, so that the threads fight for Ruby's one lock, and
# Sidekiq's main thread gets to its signals late.
class Burn < Nap
  def work(seconds)
    over = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    nil while Process.clock_gettime(Process::CLOCK_MONOTONIC) < over
  end
end

# Gives its thread a name of its own, as tracing libraries do.
class Renamer < Nap
  def work(seconds)
    Thread.current.name = "invoice"
    sleep seconds
  end
end

# Has a child of its own do the work. The child inherits title, traps and thread name.
class Forker < Nap
  def work(seconds)
    Process.wait(fork { sleep seconds; exit! })
  end
end

# Leaves a child behind that sleeps on for ten times as long.
class Straggler < Nap
  def work(seconds)
    Process.detach(fork { sleep(seconds * 10); exit! })
    sleep seconds
  end
end

# Raises, and is retried later.
class Failing
  include Sidekiq::Job

  def perform(id, seconds)
    Books.note("start", id)
    sleep seconds
    Books.note("failed", id)
    raise "this job always fails"
  end
end

# Gives its thread a name first, as where every job is traced.
class FailingRenamer < Failing
  def perform(id, seconds)
    Thread.current.name = "invoice"
    super
  end
end

# How it was started, before Sidekiq gives itself a title.
File.binwrite(File.expand_path("cmdline", __dir__), File.binread("/proc/self/cmdline"))

# A Rails application that takes its time to load.
sleep Float(ENV["BOOT_SECONDS"]) if ENV["BOOT_SECONDS"]

# An application that warms its caches when Sidekiq is up, but not yet at work.
if ENV["STARTUP_SECONDS"]
  Sidekiq.configure_server do |config|
    config.on(:startup) { sleep Float(ENV["STARTUP_SECONDS"]) }
  end
end

# One that tells others, slowly, when Sidekiq turns quiet.
if ENV["QUIET_SECONDS"]
  Sidekiq.configure_server do |config|
    config.on(:quiet) { sleep Float(ENV["QUIET_SECONDS"]) }
  end
end

# An application with ideas of its own about the process title.
if ENV["TITLE"]
  Thread.new do
    loop do
      Process.setproctitle(ENV["TITLE"])
      sleep 0.02
    end
  end
end
