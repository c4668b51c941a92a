#!/bin/sh
# The preStop script that Rails teams write without lastcall: makes Sidekiq quiet, and waits until
# its title says that no job runs. lastcall is compared with it, and uses nothing of it.
#
#   prestop.sh SECONDS     at most so long

title() { tr '\0' ' ' < "/proc/$1/cmdline" 2> /dev/null; }

for folder in /proc/[0-9]*; do
    case $(title "${folder#/proc/}") in
    sidekiq\ *busy\]*) pid=${folder#/proc/} ;;
    esac
done
[ -n "$pid" ] || exit 1

kill -TSTP "$pid"
while [ "$1" -gt 0 ]; do
    case $(title "$pid") in
    *\[0\ of*) exit 0 ;;
    esac
    sleep 1
    set -- $(($1 - 1))
done
