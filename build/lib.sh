# Functions of build/run and build/test, to be sourced by bash.
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
