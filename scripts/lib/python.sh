# The Python environment of this checkout. Sourced after steps.sh.

# find_python [BELOW]: print the first Python that is new enough (and older than 3.BELOW) and can make environments.
find_python() {
    local python
    for python in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        if "$python" -c "import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, ${1:-99}))" \
            2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    return 1
}

# need_development_python: the environment of the phones, the tests and the checks, in var/venv-dev.
need_development_python() {
    # There are wheels of the phones' library for these and for no others (docs/dependencies.md).
    [ "$(uname -m)" = x86_64 ] || fail "the SIP phones need a processor of the kind x86_64, and this is $(uname -m); ./scripts/up does not"
    need_python var/venv-dev requirements-dev.txt 13
}

# need_ears: what recognises speech, for the checks of prompts alone; beside the others in var/venv-dev.
need_ears() {
    local venv=var/venv-dev lock=requirements-ears.txt want
    want=$(cat requirements-dev.txt $lock | sha256sum)
    [ "$(cat $venv/.ears 2>/dev/null)" = "$want" ] && return
    need_room var 1500 "the recogniser of speech"
    say "Installing the recogniser of speech that $lock pins"
    logged "the recogniser of speech" $venv/bin/python -m pip install --disable-pip-version-check --no-input \
        --retries 2 --timeout 30 --require-hashes -r $lock
    echo "$want" >$venv/.ears
}

# need_python FOLDER LOCK [BELOW]: a virtual environment with exactly what LOCK pins, of a Python older than 3.BELOW if
# given; done again only when LOCK changes.
need_python() {
    local venv=$1 lock=$2 below=${3:-99} python want
    want=$(sha256sum <"$lock")
    if [ "$(cat "$venv/.installed" 2>/dev/null)" = "$want" ] && "$venv/bin/python" -c '' 2>/dev/null; then
        return
    fi
    need_room var 700 "the Python environment"
    rm -f "$venv/.installed" "$venv/.ears"
    if ! "$venv/bin/python" -c "import pip, sys; sys.exit(sys.version_info >= (3, $below))" 2>/dev/null; then
        if python=$(find_python "$below"); then
            say "Making the Python environment in $venv"
            logged "the Python environment" "$python" -m venv --clear "$venv"
        elif find_python >/dev/null; then
            make_with_older_python "$venv"
        else
            fail "no Python 3.11 or newer was found: install python3 and python3-venv"
        fi
    fi
    say "Installing the Python packages that $lock pins (about a minute)"
    logged "the Python packages" "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
        --retries 2 --timeout 30 --require-hashes -r "$lock"
    make_command "$venv"
    echo "$want" >"$venv/.installed"
}

# make_with_older_python VENV: for a machine whose own Python is too new for what is wanted.
make_with_older_python() {
    local venv=$1 folder
    folder=$(setting ELDERLINE_CACHE_DIR /var/cache/elderline)/python-3.11
    command -v mmdebstrap >/dev/null || install_packages mmdebstrap
    INSTALL_LOG=$INSTALL_LOG "$(find_python)" -m scripts.install.older_python "$folder" "$PROGRAM" || exit 1
    say "Making the Python environment in $venv"
    logged "the Python environment" "$folder/usr/bin/python3.11" -m venv --clear --without-pip "$venv"
    # Its own way of bringing pip looks in the machine's folders, which hold that of the machine's Python.
    logged "the Python environment" "$venv/bin/python" "$(echo "$folder"/usr/share/python-wheels/pip-*.whl)/pip" \
        install --disable-pip-version-check --no-index --find-links "$folder/usr/share/python-wheels" pip
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
