#!/bin/bash
# httpd: If-Match with a weak entity tag before the right one.
#
# Guess: If-Match names several tags, and one of them is the file's own: the request
# is answered, wherever it stands in the list. A weak tag beside it, W/"…", matches
# nothing in If-Match (RFC 9110, section 13.1.1), and does no harm either.
#
# Seen (httpd 2.4.71, Debian 12): so it is as long as all tags before the right one
# are strong. Behind a weak one it is not found, and the answer is 412: the search for
# a strong tag (ap_find_etag_strong()) ends at the first item that does not begin with
# a quote. If-None-Match goes on to the right tag. A module that calls
# ap_condition_if_match(), ap_meets_conditions() or ap_find_etag_strong() has that from
# httpd. A client that sends back all tags it has seen meets it behind a cache or
# another server that answers with weak tags.
#
# Versions: apache2-bin 2.4.71-1~deb12u1, curl 7.88.1-10+deb12u14 (Debian 12).
#
# Needs apt-get, curl, and the libraries that apache2-bin depends on.
set -euo pipefail

VERSION=2.4.71-1~deb12u1

stop() {
    [ -z "${pid-}" ] || kill "$pid"
    wait
    rm -rf "$folder"
}

folder=$(mktemp -d)
chmod 755 "$folder"
trap stop EXIT
cd "$folder"
apt-get download -q "apache2-bin=$VERSION" >download.log 2>&1 ||
    { cat download.log >&2; exit 2; }
for package in *.deb; do
    dpkg -x "$package" files
done
httpd=$folder/files/usr/sbin/apache2
port=$((20000 + $$ % 10000))
mkdir htdocs
echo text >htdocs/file
# The tag of a file that has just changed is weak.
touch -d 2020-01-01 htdocs/file

{
    for module in mpm_event authz_core; do
        echo "LoadModule ${module}_module $folder/files/usr/lib/apache2/modules/mod_$module.so"
    done
    cat <<CONF
ServerRoot $folder
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $folder/pid
ErrorLog $folder/error_log
DocumentRoot $folder/htdocs
CONF
} >httpd.conf
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$folder"

as_user() {
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
    else
        exec "$@"
    fi
}

as_user "$httpd" -d "$folder" -f "$folder/httpd.conf" -DFOREGROUND &
pid=$!
for _ in $(seq 100); do
    curl -s -o /dev/null "http://127.0.0.1:$port/" && break
    sleep 0.1
done
"$httpd" -v | head -1
tag=$(curl -s -D - -o /dev/null "http://127.0.0.1:$port/file" | tr -d '\r' |
    sed -n 's/^ETag: //p')
for list in 'TAG' '"x", TAG' 'TAG, W/"x"' 'W/"x", TAG' '"x", W/"y", TAG'; do
    for field in If-Match If-None-Match; do
        echo "$field: $list ->" "$(curl -s -o /dev/null -w '%{http_code}' \
            -H "$field: ${list/TAG/$tag}" "http://127.0.0.1:$port/file")"
    done
done | tee seen

cat >expected <<'END'
If-Match: TAG -> 200
If-None-Match: TAG -> 304
If-Match: "x", TAG -> 200
If-None-Match: "x", TAG -> 304
If-Match: TAG, W/"x" -> 200
If-None-Match: TAG, W/"x" -> 304
If-Match: W/"x", TAG -> 412
If-None-Match: W/"x", TAG -> 304
If-Match: "x", W/"y", TAG -> 412
If-None-Match: "x", W/"y", TAG -> 304
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
