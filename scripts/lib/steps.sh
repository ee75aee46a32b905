# Progress, the one sentence of a failure, and the checks that need no Python. Sourced, with PROGRAM set.

STEPS_BEGAN=$(date +%s.%N)
export STEPS_BEGAN
INSTALL_LOG=var/log/install.log

say() {
    printf '%7.1f s  %s\n' "$(awk -v a="$STEPS_BEGAN" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')" "$*"
}

fail() {
    printf '%s: %s\n' "$PROGRAM" "$*" >&2
    exit 1
}

# setting NAME DEFAULT: what Python will read, from the environment or .env, for what is wanted before there is a Python.
setting() {
    local value=${!1:-}
    [ -n "$value" ] || value=$(sed -n "s/^ *\(export \)\{0,1\}$1 *= *//p" .env 2>/dev/null | tail -n 1 | tr -d "\"'") || true
    echo "${value:-$2}"
}

need_root() {
    [ "$(id -u)" = 0 ] || fail "this installs packages and starts Asterisk as its own user, which needs root: run it with sudo ./scripts/$PROGRAM"
}

need_folder() {
    local why
    if ! why=$({ mkdir -p "$1/log" && : >>"$INSTALL_LOG"; } 2>&1); then
        case $why in
            *"No space left"*) fail "no room on disk for $PWD/$1: free some and run it again" ;;
            *) fail "$PWD/$1 cannot be written (${why##*: })" ;;
        esac
    fi
}

# need_room FOLDER MEGABYTES WHAT: before WHAT is begun.
need_room() {
    local free
    free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$2" ] || fail "no room on disk: $3 needs $2 MB in $PWD/$1, and $free MB are free there"
}

# alone FILE: only one run at a time works on this checkout. Python starts the daemons without this descriptor.
alone() {
    exec 9>>"$1"
    if ! flock -n 9; then
        say "Another run is at work here; waiting for it, at most 15 minutes"
        flock -w 900 9 || fail "another run has been at work for 15 minutes; see $INSTALL_LOG"
    fi
}

# logged WHAT COMMAND...: run with the output in the log; on failure end in one sentence about WHAT.
logged() {
    local what=$1 from
    shift
    from=$(wc -c <"$INSTALL_LOG")
    attempt "$@" || give_up "$what" "$from"
}

# attempt COMMAND...: run with the output in the log, and say every ten seconds that it is still at work.
attempt() {
    "$@" >>"$INSTALL_LOG" 2>&1 </dev/null &
    local job=$! status=0
    # A background process does not hear Ctrl-C by itself.
    trap "interrupted $job" INT TERM
    # It is `wait` that a signal interrupts; bash would hear it only after a command in the foreground.
    while ! { timeout 10 tail --pid=$job -f /dev/null 9>&- & wait $!; }; do
        say "  still at it ..."
    done
    wait $job || status=$?
    trap - INT TERM
    return $status
}

# interrupted JOB: end it, and ourselves. What it has done so far stays, and the next run goes on from there.
interrupted() {
    trap '' INT TERM
    say "Interrupted; ending what is at work"
    kill "$1" 2>/dev/null || true
    wait "$1" || true
    fail "interrupted; run it again to go on from here"
}

# give_up WHAT OFFSET: read the log from OFFSET bytes on, and fail with the reason that it shows.
give_up() {
    local said
    said=$(tail -c "+$(($2 + 1))" "$INSTALL_LOG")
    if grep -qiFf scripts/lib/reasons/no_room.txt <<<"$said"; then
        fail "no room on disk while installing $1; the details are in $PWD/$INSTALL_LOG"
    elif grep -qiFf scripts/lib/reasons/no_source.txt <<<"$said"; then
        fail "a package source could not be reached for $1: check the network or proxy; the details are in $PWD/$INSTALL_LOG"
    fi
    fail "installing $1 failed; the details are in $PWD/$INSTALL_LOG"
}
