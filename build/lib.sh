# Functions of the scripts in this folder, to be sourced by bash when "root" is the
# project's folder.
# shellcheck shell=bash disable=SC2034,SC2154

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

# Prints the names of the project's files, with a NUL after each: those that git
# has or would add. An unpacked tarball has no git: then all files but output and
# what tools leave behind.
project_files() {
    if [ -e "$root/.git" ] && command -v git >/dev/null; then
        git -C "$root" -c safe.directory="$root" \
            ls-files -z --cached --others --exclude-standard
    else
        find "$root" \( -path "$root/build/out" -o -name .git \
            -o -name node_modules -o -name __pycache__ -o -name '.*cache' \
            -o -name .hypothesis \) -prune -o ! -type d -printf '%P\0'
    fi
}

# copy_project FOLDER [OPTION…]: copies the project's files; the options are for the
# tar that reads them.
copy_project() {
    project_files | tar -C "$root" "${@:2}" -c --null -T - | tar -C "$1" -x
}

# Prints the code name of this release of Debian, "bookworm".
own_release() {
    (. /etc/os-release && echo "${VERSION_CODENAME-}")
}

# The newest entry of CHANGES.md: "VERSION, DATE".
newest_changes() {
    sed -n '/^## /{s///p;q}' "$root/mod_uptime_keys/CHANGES.md"
}

# The day of this version, in seconds since 1970.
source_date() {
    date -u -d "$(newest_changes | sed 's/.*, //')" +%s
}

# source_tarball FOLDER: makes the project's files a tarball there, and prints its
# name. The same files become the same bytes, by whomever and wherever they are
# packed.
source_tarball() {
    local name
    name=mod_uptime_keys-$("$root/build/version")
    project_files | LC_ALL=C sort -z |
        tar -C "$root" -c --null --no-recursion -T - --format=ustar \
            --transform="flags=r;s|^|$name/|" --mode=u=rwX,go=rX \
            --owner=0 --group=0 --numeric-owner --mtime="@$(source_date)" |
        gzip -9n >"$1/$name.tar.gz" || return
    echo "$name.tar.gz"
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
