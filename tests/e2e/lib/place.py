"""Where a run takes place: this machine, or the root file system of another Debian.

Either way PID 1 gets a PID namespace and a mount namespace of its own, with its own
/proc and an empty /run, as in a container.
"""

import os
import subprocess
from pathlib import Path

# Run by sh in the new namespaces; ends in exec, so that PID 1 stays what it is. What PID 1
# says on stderr goes to a file of its own, apart from what unshare or mount may say.
HOST_SETUP = '''
stderr=$1; shift
mount -t tmpfs -o mode=755 tmpfs /run && exec "$@" 2> "$stderr"
'''
TREE_SETUP = '''
stderr=$1 tree=$2 work=$3; shift 3
mount --bind "$work" "$tree/mnt" &&
mount -t proc proc "$tree/proc" &&
mount -t tmpfs -o mode=755 tmpfs "$tree/run" &&
mount -t tmpfs -o mode=1777 tmpfs "$tree/tmp" &&
exec chroot "$tree" "$@" 2> "$stderr"
'''
TREE_MOUNT = '''
tree=$1 work=$2; shift 2
mount --bind "$work" "$tree/mnt" && exec chroot "$tree" "$@"
'''

# A process of ours ends with us, even if we are killed.
BOUND_TO_US = ["setpriv", "--pdeathsig", "KILL"]


class Place:
    """Builds command lines for one place. `work` is the directory it shares with us."""

    def __init__(self, work, tree=None):
        self.work = Path(work)
        self.tree = Path(tree) if tree else None

    def inside(self, path):
        """The name that a path below the work directory has inside."""
        if not self.tree:
            return str(path)
        return str(Path("/mnt") / Path(path).relative_to(self.work))

    def container(self, argv, stderr):
        """argv as PID 1 of new namespaces, its stderr to a file. unshare passes on its
        exit code."""
        unshare = ["unshare", "--pid", "--fork", "--kill-child", "--mount"]
        if os.geteuid() != 0:
            unshare.append("--map-root-user")
        if self.tree:
            inner = ["sh", "-c", TREE_SETUP, "setup", str(stderr), str(self.tree),
                     str(self.work)]
        else:
            unshare.append("--mount-proc")
            inner = ["sh", "-c", HOST_SETUP, "setup", str(stderr)]
        return [*BOUND_TO_US, *unshare, *inner, *argv]

    def beside(self, argv):
        """argv as a plain process, for what is no part of the container."""
        if not self.tree:
            return [*BOUND_TO_US, *argv]
        return [*BOUND_TO_US, "unshare", "--mount", "sh", "-c", TREE_MOUNT, "setup",
                str(self.tree), str(self.work), *argv]

    def program(self, *names):
        """The first of these programs that is installed, or None."""
        for name in names:
            for folder in ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"):
                full = Path(folder) / name
                inside = self.tree / full.relative_to("/") if self.tree else full
                if inside.exists():
                    return str(full)
        return None

    def version(self, package):
        """The version of an installed package, as [major, minor, ...]; [] if there is none."""
        asked = ["dpkg-query", "-W", "-f", "${Version}", package]
        if self.tree:
            asked = ["chroot", str(self.tree), *asked]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)
        upstream = answer.stdout.split("+")[0].split("-")[0]
        return [int(part) for part in upstream.split(".") if part.isdigit()]

    def sidekiq_version(self):
        return self.version("ruby-sidekiq")


def namespaces_work():
    """Whether a PID namespace can be had here; if not, the reason."""
    probe = Place("/").container(["true"], "/dev/null")
    answer = subprocess.run(probe, capture_output=True, text=True, check=False)
    return answer.returncode == 0, answer.stderr.strip()
