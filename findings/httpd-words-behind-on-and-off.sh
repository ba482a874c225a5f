#!/bin/bash
# httpd: more words than one in a directive that takes On or Off.
#
# Guess: a directive that takes one of On and Off refuses a second word, as one that
# takes one other argument does ("takes one argument").
#
# Seen (httpd 2.4.71, Debian 12): "ExtendedStatus Off On" and "ExtendedStatus On # not
# now" are "Syntax OK": of a directive of this kind (AP_INIT_FLAG) httpd reads one word
# and looks at no other. "TraceEnable off on" is refused. So a comment behind such a
# directive does no harm where one behind any other is an error, and a slip of the pen
# is not found by configtest.
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

# try LINE: what httpd says of a configuration with this line.
try() {
    cat >httpd.conf <<CONF
LoadModule mpm_event_module $folder/files/usr/lib/apache2/modules/mod_mpm_event.so
ServerRoot $folder
ServerName 127.0.0.1
Listen 127.0.0.1:1
ErrorLog $folder/error_log
$1
CONF
    timeout 60 files/usr/sbin/apache2 -t -f "$folder/httpd.conf" 2>&1 |
        tail -n 1 || :
}

expect() {
    local said
    said=$(try "$1")
    echo "$1: $said"
    [[ $said == *"$2"* ]]
}

expect 'ExtendedStatus Off' 'Syntax OK'
expect 'ExtendedStatus maybe' 'must be On or Off'
expect 'ExtendedStatus Off On' 'Syntax OK'
expect 'ExtendedStatus On # not now' 'Syntax OK'
expect 'TraceEnable off on' 'takes one argument'
echo 'as it was seen'
