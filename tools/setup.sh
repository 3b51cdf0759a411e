#!/bin/sh
# Makes .venv fit for one purpose: tools/setup.sh core|test|bench
# On Debian and as root it installs what is missing; elsewhere it says what to install, and fails.
set -eu
cd "$(dirname "$0")/.."
purpose=${1:?usage: tools/setup.sh core|test|bench}

fail() {
    echo "setup: $1" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

install() { # install PACKAGE...
    if ! has apt-get; then
        fail "missing: $*. Install these, or what your system calls them, then run make again."
    elif [ "$(id -u)" -ne 0 ]; then
        fail "missing: $*. Run 'sudo apt-get install $*', then make again."
    fi
    echo "setup: installing $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o Acquire::Retries=3 update
    apt-get -qq -o Acquire::Retries=3 install -y --no-install-recommends "$@" >/dev/null ||
        fail "apt-get could not install $*. Install these by hand, then run make again."
}

find_python() { # the first interpreter that is new enough
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and was not found. Install it, or name it: make PYTHON=/path/to/python3"
}

make_venv() {
    .venv/bin/python -m pip --version >/dev/null 2>&1 && return
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then # bare Debian packs these apart
        install "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    fi
    "$python" -m venv --clear .venv
}

system_packages() { # what the tests call besides Python: a browser, PDF text, a database, a spreadsheet, scripts
    missing=
    has chromium || has chromium-browser || has google-chrome || missing="$missing chromium"
    has pdftotext || missing="$missing poppler-utils"
    has postgres || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
    has soffice || has libreoffice || missing="$missing libreoffice-calc"
    has fc-list || missing="$missing fontconfig"
    fc-list 2>/dev/null | grep -q NotoSansArabic || missing="$missing fonts-noto-core"
    fc-list 2>/dev/null | grep -q NotoSansCJK || missing="$missing fonts-noto-cjk"
    # shellcheck disable=SC2086
    [ -z "$missing" ] || install $missing
}

case $purpose in
core) what=. ;;
test) what='.[test]' && system_packages ;;
bench) what='.[bench]' ;;
*) fail "unknown purpose '$purpose'; known are core, test and bench" ;;
esac
make_venv
echo "setup: installing netprint for $purpose into .venv"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable "$what"
touch .venv/core.stamp ".venv/$purpose.stamp"
