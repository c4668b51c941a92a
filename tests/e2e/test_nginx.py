"""nginx is told QUIT, not TERM: a download in flight is finished."""

from concurrent.futures import ThreadPoolExecutor

from lib.bench import Skip
from lib.http_get import answers, get

TIMEOUT = 60
WEIGHT = 1

SIZE = 200_000
CONFIG = """\
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 16; }}
http {{
  access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen unix:{folder}/nginx.sock;
    root {folder}/files;
    location = /slow {{ limit_rate 40k; }}
  }}
}}
"""


def scenario(bench):
    if not bench.place.program("nginx"):
        raise Skip("nginx is not installed here")
    with bench.open("download in flight", deadline=60) as run, ThreadPoolExecutor(1) as client:
        files = run.folder / "files"
        files.mkdir()
        (files / "slow").write_bytes(b"x" * SIZE)
        (files / "small").write_text("ok")
        folder = bench.place.inside(run.folder)
        (run.folder / "nginx.conf").write_text(CONFIG.format(folder=folder))
        run.start(["nginx", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"])
        run.wait_until(lambda: answers(run.folder / "nginx.sock", "/small"), "a first answer")
        answer = client.submit(get, run.folder / "nginx.sock", "/slow")
        bench.pause(1)
        run.term()
        run.finish()
        bench.check(run, answer.exception() is None and len(answer.result()[1]) == SIZE,
                    f"the download was cut off: {answer.exception()}")
    bench.expect(run, exit_code=0, within=15)
