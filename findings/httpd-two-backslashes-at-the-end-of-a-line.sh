#!/bin/bash
# httpd: two backslashes at the end of a line of its configuration.
#
# Guess: as a backslash escapes a backslash in a word, two of them at the end of a line
# are one character of the last word, and the line ends there, as in C:\\site\\ .
# Certainly an empty line ends a directive.
#
# Seen (httpd 2.4.71, Debian 12): the line goes on. Of the two backslashes one is
# removed with the newline, and the next line is appended. If that is empty, the
# backslash that is left counts once more, and the line after it is appended, too. The
# directive there is gone, without any message if the first one takes a list. In
# quotes, "C:\\site\\", the line ends as expected.
#
# Versions: apache2-bin 2.4.71-1~deb12u1 (Debian 12).
#
# Needs apt-get, and the libraries that apache2-bin depends on.
set -euo pipefail

VERSION=2.4.71-1~deb12u1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q "apache2-bin=$VERSION" >download.log 2>&1 ||
    { cat download.log >&2; exit 2; }
dpkg -x apache2-bin*.deb files

# after LINE…: whether httpd obeys a line that follows these, and defines AFTER.
after() {
    local said
    {
        cat <<CONF
LoadModule mpm_event_module $folder/files/usr/lib/apache2/modules/mod_mpm_event.so
LoadModule dir_module $folder/files/usr/lib/apache2/modules/mod_dir.so
ServerRoot $folder
ServerName 127.0.0.1
Listen 127.0.0.1:1
ErrorLog $folder/error_log
CONF
        printf '%s\n' "$@" 'Define AFTER'
    } >httpd.conf
    said=$(timeout 60 files/usr/sbin/apache2 -t -D DUMP_RUN_CFG \
        -f "$folder/httpd.conf" 2>&1)
    grep -q '^ServerRoot: ' <<<"$said" || { echo 'refused'; return; }
    grep -q '^Define: AFTER$' <<<"$said" && echo 'obeyed' || echo 'gone'
}

expect() {
    local what=$1 found
    shift
    found=$(after "$@")
    printf '%s\n' "$@" "  the next directive is $found"
    [ "$found" = "$what" ]
}

# A backslash there is meant.
# shellcheck disable=SC1003
{
    expect obeyed 'DirectoryIndex a\\b'
    expect obeyed 'DirectoryIndex "C:\\site\\"'
    expect gone 'DirectoryIndex C:\\site\'
    expect gone 'DirectoryIndex C:\\site\\'
    expect gone 'DirectoryIndex C:\\site\\' ''
    expect obeyed 'DirectoryIndex C:\\site\' ''
}
echo 'as it was seen'
