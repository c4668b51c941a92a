"""The Rack application of the runs with Puma."""

# Takes as many seconds as the path says. On Ruby 3.3 a Puma up to at least 8.0.2 sometimes hangs
# at TERM (puma #3677; with -w 2 in 12 of 208 tries without an init, in 24 of 210 under lastcall):
# its write to a pipe that another thread closes. Written without letting go of Ruby's lock,
# 0 of 360 hung.
APP = '''Puma::Server.prepend(Module.new do
  def notify_safely(message)
    @notify.write_nonblock(message)
  rescue IOError, SystemCallError, NoMethodError
    nil # the server has stopped
  end
end)

run(proc do |env|
  sleep env["PATH_INFO"].delete("/").to_f
  [200, { "content-type" => "text/plain" }, ["served"]]
end)
'''
