#!/bin/bash
# httpd: CGI programs after graceful restarts that follow each other.
#
# Guess: each graceful restart ends the daemon of mod_cgid and starts another. If one
# of them does not start, httpd starts it again, as it does when a daemon dies.
#
# Seen (httpd 2.4.71, Debian 12): if a restart is asked for while the one before is
# under way, the new daemon may find the socket of the old one, whose name has the
# process id of the parent and thus is the same ("Address already in use: AH01243"),
# or lose it again to the old one, which removes it when it ends (AH01246). Then
# "AH01238: cgid daemon failed to initialize" is all that happens: there is no daemon,
# httpd serves files as ever, and each CGI program is answered with 503 after a few
# tries, until the next restart. So a script that restarts httpd after each of its
# changes should look for AH01238 at its end.
#
# Versions: apache2-bin 2.4.71-1~deb12u1 (Debian 12).
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
mkdir htdocs cgi
echo text >htdocs/file
printf '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nhello\\n"\n' >cgi/hello
chmod 755 cgi/hello

{
    for module in mpm_event authz_core alias cgid; do
        echo "LoadModule ${module}_module $folder/files/usr/lib/apache2/modules/mod_$module.so"
    done
    cat <<CONF
ServerRoot $folder
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $folder/pid
ErrorLog $folder/error_log
DocumentRoot $folder/htdocs
ScriptAlias /cgi/ $folder/cgi/
ScriptSock $folder/cgid.sock
StartServers 1
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

status() {
    curl -s --noproxy '*' -m 30 -o answer -w '%{http_code}' \
        "http://127.0.0.1:$port/$1" || :
}

count() {
    grep -c "$1" error_log || :
}

as_user "$httpd" -d "$folder" -f "$folder/httpd.conf" -DFOREGROUND &
pid=$!
for _ in $(seq 100); do
    [ "$(status file)" != 200 ] || break
    sleep 0.1
done
"$httpd" -v | head -n 1
echo "before: file $(status file), program $(status cgi/hello)"
[ "$(status cgi/hello)" = 200 ]

# Pairs of restarts, until the second one of a pair is left without a daemon: it
# writes AH01238 and no other starts.
for pair in $(seq 300); do
    failed=$(count AH01238)
    kill -USR1 "$pid"
    sleep 0.03
    kill -USR1 "$pid"
    sleep 0.5
    if [ "$(count AH01238)" -gt "$failed" ] && [ "$(status cgi/hello)" = 503 ]; then
        # Not for a moment: it stays so.
        sleep 5
        echo "after pair $pair: file $(status file), program $(status cgi/hello)"
        [ "$(status file)" = 200 ] && [ "$(status cgi/hello)" = 503 ]
        grep -oE 'AH0(1243|1246|1238): [^/]*' error_log | sort | uniq -c
        failed=$(count AH01238)
        kill -USR1 "$pid"
        sleep 2
        [ "$(count AH01238)" -gt "$failed" ] ||
            echo "after one more restart: program $(status cgi/hello)"
        exit 0
    fi
done
echo "changed: the daemon started after each of 300 pairs of restarts"
false
