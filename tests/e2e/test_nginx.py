"""nginx is told QUIT, not TERM: a download in flight is finished."""

from concurrent.futures import ThreadPoolExecutor

from lib import nginx_conf
from lib.bench import Skip
from lib.http_get import answers, get

TIMEOUT = 60
WEIGHT = 1

SIZE = 200_000


def scenario(bench):
    if not bench.place.program("nginx"):
        raise Skip("nginx is not installed here")
    with bench.open("download in flight", deadline=60) as run, ThreadPoolExecutor(1) as client:
        files = run.folder / "files"
        files.mkdir()
        (files / "slow").write_bytes(b"x" * SIZE)
        (files / "small").write_text("ok")
        folder = bench.place.inside(run.folder)
        nginx_conf.write(run, folder, f"root {folder}/files; location = /slow {{ limit_rate 40k; }}")
        run.start(["nginx", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"])
        run.wait_until(lambda: answers(run.folder / "nginx.sock", "/small"), "a first answer")
        answer = client.submit(get, run.folder / "nginx.sock", "/slow")
        bench.pause(1)
        run.term()
        run.finish()
        bench.check(run, answer.exception() is None and len(answer.result()[1]) == SIZE,
                    f"the download was cut off: {answer.exception()}")
    bench.expect(run, exit_code=0, within=15)
