#!/bin/sh
# Makes .venv with everything that the demo and the tests need; says what it does, and in one line what is missing.
set -u
PYTHON=${PYTHON:-python3}
fail() { echo "error: $1; hint: $2" >&2; exit 1; }

command -v "$PYTHON" >/dev/null 2>&1 || fail "there is no $PYTHON" "install Python 3.11 or newer, or set PYTHON=/path/to/python3"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$PYTHON" --version) is too old" "MemoryLab needs Python 3.11 or newer: make PYTHON=python3.12"
command -v git >/dev/null 2>&1 || fail "there is no git" "install git: the demo and the tests make repositories"

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    echo "making .venv with $("$PYTHON" --version)"
    rm -rf .venv
    "$PYTHON" -m venv .venv >.venv.log 2>&1 ||
        { tail -n 3 .venv.log >&2; rm -rf .venv; fail "can't make a virtual environment" "on Debian and Ubuntu: apt-get install python3-venv"; }
    rm -f .venv.log
fi
if [ ! -f .venv/ready ] || [ pyproject.toml -nt .venv/ready ]; then
    echo "installing PyTorch and the development tools into .venv (once, a minute or two)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[train,web,notebook,dev]' 2>.venv/pip.log ||
        { tail -n 3 .venv/pip.log >&2; fail "pip could not install what pyproject.toml names" "check the network, then run make again"; }
    touch .venv/ready
fi
