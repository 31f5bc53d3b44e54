# `. tools/activate.sh FOLDER` at the top of the checkout: use the environment in FOLDER and caches of ours.
#
# Theano fails at its first function where g++ exists and Python.h does not: that counts as no compiler.

export PATH="$PWD/$1/bin:$PATH"
export MPLBACKEND="${MPLBACKEND:-Agg}"

python_h_compiles() {
    local folder
    folder=$(python -c 'import sysconfig; print(sysconfig.get_path("include"))')
    printf '#include <Python.h>\nPyObject *object;\n' | g++ -fsyntax-only -x c++ -I "$folder" - 2>/dev/null
}

cxx=
if ! command -v g++ >/dev/null; then
    cxx=,cxx=
    echo "No C++ compiler: everything runs, many times slower (apt-get install g++ python3-dev)"
elif ! python_h_compiles; then
    cxx=,cxx=
    echo "g++ finds no Python.h: everything runs, many times slower (apt-get install python3-dev)"
fi
export THEANO_FLAGS="base_compiledir=$PWD/.envs/theano-cache$cxx${THEANO_FLAGS:+,$THEANO_FLAGS}"
export PYTENSOR_FLAGS="base_compiledir=$PWD/.envs/pytensor-cache$cxx${PYTENSOR_FLAGS:+,$PYTENSOR_FLAGS}"
