# The system's packages. Sourced after steps.sh.

POLICY=/usr/sbin/policy-rc.d
OUR_POLICY="# Elderline's: packages that ./scripts/up installs start no services."

# need_packages [MORE...]: install what this machine lacks, and MORE, in one go.
need_packages() {
    local missing=("$@")
    find_python >/dev/null || missing+=(python3 python3-venv)
    command -v redis-server >/dev/null || missing+=(redis-server)
    command -v flock unshare mount >/dev/null || missing+=(util-linux mount)
    command -v sox >/dev/null || missing+=(sox) # Slow versions of the prompts.
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    if ! has_asterisk; then
        refresh_lists
        if [ "$(major "$(candidate asterisk)")" -ge 18 ]; then
            missing+=(asterisk asterisk-core-sounds-en-wav asterisk-moh-opsound-wav)
        elif ! command -v mmdebstrap >/dev/null; then
            missing+=(mmdebstrap)
        fi
    fi
    [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
}

# has_asterisk: a system's own that is new enough, one that is set, or a root file system made before.
has_asterisk() {
    [ -n "$(setting ELDERLINE_ASTERISK_ROOT "")" ] && return 0
    compgen -G "$(setting ELDERLINE_CACHE_DIR /var/cache/elderline)/asterisk-root-*/usr/sbin/asterisk" >/dev/null && return 0
    [ -x /usr/sbin/asterisk ] && [ "$(major "$(/usr/sbin/asterisk -V | sed 's/^Asterisk //')")" -ge 18 ]
}

# candidate PACKAGE: the version that apt would install, or nothing.
candidate() {
    LC_ALL=C apt-cache policy "$1" | sed -n 's/^ *Candidate: *//p' | grep -v '(none)' || true
}

# major VERSION: of a Debian version such as 1:20.6.0~dfsg-1; 0 if there is none.
major() {
    local version=${1#*:}
    version=${version%%[!0-9]*}
    echo "${version:-0}"
}

refresh_lists() {
    [ -z "${LISTS_FROM:-}" ] || return 0
    command -v apt-get >/dev/null || fail "this machine has no apt-get: Debian 12 or 13, or Ubuntu 24.04, is what ./scripts/up knows"
    LISTS_FROM=$(wc -c <"$INSTALL_LOG")
    say "Reading the package lists"
    # A source that cannot be reached need not be one that we want, so the installation is what fails.
    attempt apt-get -q update -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o Acquire::Retries=1 || true
}

install_packages() {
    need_room / 300 "installing ${*}"
    refresh_lists
    say "Installing packages: $*"
    hold_services
    attempt dpkg --configure -a || true # An installation that was interrupted stands in the way of the next.
    local status=0
    attempt env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
        -o DPkg::Lock::Timeout=120 -o Acquire::http::Timeout=20 -o Acquire::Retries=1 "$@" || status=$?
    release_services
    [ $status = 0 ] || give_up "the packages $*" "$LISTS_FROM"
    if [ -d /run/systemd/system ]; then
        for service in asterisk redis-server kannel; do
            # Ours run under our own supervisor; the packaged services would take the ports at the next start.
            [[ " $* " == *" $service "* ]] && systemctl disable --quiet "$service" || true
        done
    fi
}

# hold_services, release_services: packages start no services meanwhile; whatever policy the machine had comes back.
hold_services() {
    trap release_services EXIT
    if [ -e $POLICY ] && ! grep -qF "$OUR_POLICY" $POLICY; then
        mv $POLICY $POLICY.elderline-kept
    fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$OUR_POLICY" >$POLICY
    chmod 755 $POLICY
}

release_services() {
    trap - EXIT
    if [ -e $POLICY ] && grep -qF "$OUR_POLICY" $POLICY; then
        rm -f $POLICY
    fi
    if [ -e $POLICY.elderline-kept ]; then
        mv $POLICY.elderline-kept $POLICY
    fi
}
