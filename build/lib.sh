# What build/run and build/test share. To be sourced by bash.
# shellcheck shell=bash disable=SC2034

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# The words that start a command as an ordinary user, in the array "as_user";
# none if we are one. httpd refuses to serve as root, and tests run as root
# would not find what root hides.
choose_user() {
    as_user=()
    if [ "$(id -u)" -eq 0 ]; then
        as_user=(setpriv --reuid=nobody --regid="$(id -g nobody)"
                 --clear-groups)
    fi
}
