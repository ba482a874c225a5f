# Functions of the scripts in this folder, to be sourced by bash.
# shellcheck shell=bash disable=SC2034

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Sets the array "as_user" to a command prefix that switches to an ordinary
# user; empty if this is one already. httpd refuses to serve as root, and tests
# run by root would miss errors of permission.
choose_user() {
    as_user=()
    if [ "$(id -u)" -eq 0 ]; then
        as_user=(setpriv --reuid=nobody --regid="$(id -g nobody)"
                 --clear-groups)
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "not root and no sudo here; as root, run: $*"
    fi
}

# debian_root RELEASE FOLDER OPTION…: fills a folder with packages of a release
# of Debian, by mmdebstrap, from the mirror of this system. A mirror's list of
# unstable may be weeks old.
debian_root() {
    local release=$1 folder=$2 mirror
    shift 2
    # These are apt's words.
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' | grep -m 1 '/debian/$') || mirror=
    as_root mmdebstrap --quiet --mode=root "$@" \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        "$release" "$folder" ${mirror:+"$mirror"}
}
