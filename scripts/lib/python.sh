# The Python environment of this checkout. Sourced after steps.sh.

# find_python: print the first Python that is new enough and can make virtual environments.
find_python() {
    local python
    for python in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    return 1
}

# need_python FOLDER LOCK: a virtual environment with exactly what LOCK pins; done again only when that changes.
need_python() {
    local venv=$1 lock=$2 python want
    want=$(sha256sum <"$lock")
    if [ "$(cat "$venv/.installed" 2>/dev/null)" = "$want" ] && "$venv/bin/python" -c '' 2>/dev/null; then
        return
    fi
    need_room var 700 "the Python environment"
    rm -f "$venv/.installed"
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        python=$(find_python) || fail "no Python 3.11 or newer was found: install python3 and python3-venv"
        say "Making the Python environment in $venv"
        logged "the Python environment" "$python" -m venv --clear "$venv"
    fi
    say "Installing the Python packages that $lock pins (about a minute)"
    logged "the Python packages" "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
        --retries 2 --timeout 30 --require-hashes -r "$lock"
    make_command "$venv"
    echo "$want" >"$venv/.installed"
}

# make_command VENV: our packages on its path and `elderline` in its bin, without any build step.
make_command() {
    local venv=$1
    echo "$PWD" >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/elderline.pth"
    cat >"$venv/bin/elderline" <<END
#!$PWD/$venv/bin/python
from scripts.cli import main

main()
END
    chmod 755 "$venv/bin/elderline"
}

# link_command: `elderline` for everyone on this machine, unless that name is another program's.
link_command() {
    local link=/usr/local/bin/elderline
    [ -x var/venv/bin/elderline ] || return 0
    if [ ! -e $link ] && [ ! -L $link ] || [[ "$(readlink $link)" == */var/venv/bin/elderline ]]; then
        ln -sfn "$PWD/var/venv/bin/elderline" $link 2>/dev/null || true
    fi
}
