#!/bin/bash
# Installs by apt what is missing of the groups named: build test demo tini e2e suites analyse bench docker.
# Says what it installs, starts no daemon, and does nothing when all is there.
set -u

declare -A packages=(
    [build]="gcc libc6-dev binutils libev-dev libinih-dev libjansson-dev"
    [test]="libsystemd-dev libcmocka-dev clang-14 libclang-rt-14-dev python3 patch util-linux procps mount \
          python3-yaml python3-jsonschema docker-compose prometheus"
    [demo]="redis-server redis-tools ruby ruby-sidekiq ruby-redis puma nginx-light rsyslog iproute2 python3"
    [tini]="redis-server redis-tools ruby ruby-sidekiq ruby-redis tini python3"
    [e2e]="redis-server redis-tools ruby ruby-sidekiq ruby-redis puma nginx-light tini curl bundler python3 procps \
          celery python3-redis ruby-delayed-job ruby-delayed-job-active-record ruby-sqlite3 rake"
    [suites]="debootstrap"
    [bench]="tini dumb-init catatonit s6 runit supervisor python3"
    [analyse]="cppcheck clang-tidy-14 valgrind"
    [docker]="docker.io podman runc libsystemd-dev tini debootstrap redis-server python3 util-linux mount"
)
policy=/usr/sbin/policy-rc.d

wanted=""
for group in "$@"; do
    [ -n "${packages[$group]:-}" ] || {
        echo "deps: no group '$group'; there are: ${!packages[*]}" >&2
        exit 64
    }
    wanted+=" ${packages[$group]}"
done
[ -n "$wanted" ] || {
    echo "usage: scripts/deps.sh GROUP...; there are: ${!packages[*]}" >&2
    exit 64
}

missing() {
    # shellcheck disable=SC2086
    { printf '%s\n' $wanted; dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null; } |
        awk 'NF == 1 { want[$1] } $1 == "ii" || $1 == "hi" { have[$2] }
             END { for (p in want) if (!(p in have)) print p }' | sort
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "deps: no apt-get here; Debian's names of what is needed:$wanted" >&2
    exit 1
fi

mapfile -t list < <(missing)
[ ${#list[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "deps: missing, and only root can install them: ${list[*]}" >&2
    exit 1
fi

echo "installing ${#list[@]} packages with apt-get: ${list[*]}"
log=$(mktemp)
ours=""
cleanup() {
    [ -z "$ours" ] || rm -f "$policy"
    rm -f "$log"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# 101: no daemon is started by being installed. One that is there already stays as it is.
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt() {
    apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >>"$log" 2>&1 </dev/null
}
install() {
    apt install --no-install-recommends "${list[@]}"
}

# The lists may be missing, or so old that what they name is gone: update only then.
apt-cache show "${list[@]}" >/dev/null 2>&1 && install || { apt update && install; }
status=$?
mapfile -t list < <(missing)
if [ $status -ne 0 ] || [ ${#list[@]} -gt 0 ]; then
    cat "$log" >&2
    echo "deps: could not be installed: ${list[*]}" >&2
    exit 1
fi
