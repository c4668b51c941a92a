# The web side of the application: it enqueues jobs, and answers what takes a moment.

require_relative "app"

JOB = %r{\A/jobs/(?<queue>\w+)/(?<id>\w+)/(?<seconds>[\d.]+)\z}

run(proc do |env|
  path = env["PATH_INFO"]
  if (job = JOB.match(path))
    Nap.set(queue: job[:queue]).perform_async(job[:id], job[:seconds].to_f)
  elsif path != "/up"
    sleep 0.05
  end
  [200, { "content-type" => "text/plain" }, ["served\n"]]
end)
