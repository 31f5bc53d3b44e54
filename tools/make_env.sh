#!/usr/bin/env bash
# make_env.sh FOLDER PYTHON REQUIREMENT...: install the requirements into the environment in FOLDER.
#
# An environment that is there and runs is brought up to date in place.  uv is used where it can be had (10
# seconds instead of 80); pip does the same work.
set -euo pipefail
folder=$1 base=$2
shift 2

python=$folder/bin/python
"$python" -c "" 2>/dev/null || "$base" -m venv --clear "$folder"
echo "Installing into $folder (Python at $base)"
if "$python" -m pip install --quiet --disable-pip-version-check uv; then
    "$python" -m uv pip install --python "$python" --reinstall-package symbolic-pymc "$@" && exit
fi
echo "uv is of no help here; pip takes a minute or two"
"$python" -m pip install --disable-pip-version-check "$@"
