#!/usr/bin/env bash
# find_python.sh VERSION...: print the path of a Python that can create environments, or say what is missing.
#
# Versions are tried in the order given.  A candidate counts only once it has run: shims of version managers
# answer to a name and then fail, and Debian's python3 comes without ensurepip.

candidates() {
    type -aP "python$1"
    printf '%s\n' {/usr,/usr/local}/bin/"python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python \
        "$HOME/.local/share/uv/python/cpython-$1".*/bin/python
    type -aP python3 python
}

# runs PYTHON VERSION MODULES: print the interpreter's own path if it has that version and those modules.
runs() {
    "$1" -c "import sys, $3; '%d.%d' % sys.version_info[:2] == '$2' or sys.exit(1); print(sys.executable)" \
        </dev/null 2>/dev/null
}

incomplete=
for version in "$@"; do
    while read -r candidate; do
        runs "$candidate" "$version" "venv, ensurepip" && exit 0
        if [ -z "$incomplete" ] && runs "$candidate" "$version" sys >/dev/null; then incomplete=$version; fi
    done < <(candidates "$version")
done

if [ -n "$incomplete" ]; then
    echo "Python $incomplete cannot create environments: apt-get install python$incomplete-venv" >&2
else
    echo "needs Python $1 with venv: apt-get install python$1 python$1-venv" \
        "(or name one: make PYTHON311=/path/to/python)" >&2
fi
exit 1
