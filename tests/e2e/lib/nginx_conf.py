"""The config of an nginx that keeps to the folder of its run, and listens on nginx.sock there."""

CONFIG = """\
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen unix:{folder}/nginx.sock;
    {server}
  }}
}}
"""


def write(run, folder, server):
    """Into the run's folder; inside it is `folder`. server: what its one server does."""
    (run.folder / "nginx.conf").write_text(CONFIG.format(folder=folder, server=server))
