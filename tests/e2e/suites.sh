#!/bin/sh
# Makes the root file systems that hold other generations of Sidekiq than this
# machine's own: trixie (Sidekiq 7) and sid (Sidekiq 8), each with its own Ruby,
# Puma and Redis. `tests/e2e/run.py --suite NAME` runs the scenarios in one of them;
# tests/docker/run.py makes images of them, and one of bookworm.
#
#   suites.sh [SUITE...]        default: trixie sid
#
# Each tree is made once, below ${XDG_CACHE_HOME:-/var/cache}/lastcall-e2e, and
# kept. $DEBOOTSTRAP_MIRROR names another mirror than debootstrap's default.
#
# Exit: 0 all trees are there; 1 one of those asked for could not be made.

set -u

cache=${XDG_CACHE_HOME:-/var/cache}/lastcall-e2e
failed=0

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# A tree that is half made is never found under its final name.
part=
discard() { [ -n "$part" ] && rm -rf --one-file-system "$part"; part=; }
trap discard EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

in_tree() {
    DEBIAN_FRONTEND=noninteractive chroot "$part" "$@"
}

# Installs in an unpacked tree, without letting a daemon start.
install_packages() {
    printf '#!/bin/sh\nexit 101\n' > "$part/usr/sbin/policy-rc.d"
    chmod 755 "$part/usr/sbin/policy-rc.d"
    in_tree apt-get install -y --no-install-recommends \
        ruby-sidekiq ruby-bundler puma nginx-light tini || return 1
    # Debian changes between the two; both serve.
    in_tree apt-get install -y --no-install-recommends redis-server ||
        in_tree apt-get install -y --no-install-recommends valkey-server || return 1
    in_tree apt-get clean
}

make_tree() {
    suite=$1
    log=$cache/$suite.log
    part=$cache/$suite.part
    mkdir -p "$cache" || return 1
    discard; part=$cache/$suite.part
    say "making $suite in $cache (its log: $log)"
    {
        # shellcheck disable=SC2086 # an unset mirror must vanish
        debootstrap --variant=minbase "$suite" "$part" ${DEBOOTSTRAP_MIRROR:-} &&
            install_packages
    } > "$log" 2>&1 || { tail -n 5 "$log" >&2; discard; return 1; }
    mv "$part" "$cache/$suite" && part=
}

if [ "$(id -u)" != 0 ]; then
    say "needs root: debootstrap and chroot"
    exit 1
fi
if ! command -v debootstrap > /dev/null; then
    say "needs debootstrap"
    exit 1
fi

[ $# -gt 0 ] || set -- trixie sid
for name; do
    [ -d "$cache/$name" ] && continue
    make_tree "$name" || { say "$name could not be made"; failed=1; }
done
exit $failed
