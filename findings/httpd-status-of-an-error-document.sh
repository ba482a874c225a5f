#!/bin/bash
# httpd: the status of an ErrorDocument that a program or another server gives.
#
# Guess: ErrorDocument replaces the page of an error, not its status. A client
# gets 404 with the page, wherever the page comes from.
#
# Seen (httpd 2.4.71, Debian 12): that holds for a file, and for a CGI program
# that states no status. Where an answer states one, the client gets that: 200
# instead of 404 or 403, if a CGI program says "Status: 200 OK", if the page is
# behind ProxyPass, where every answer has a status, and with a WSGI program,
# which has to state one. So an error page on another server turns errors into
# successes for clients and for monitoring. A program finds the status to give
# back in REDIRECT_STATUS; another server is not told.
#
# Versions: apache2-bin 2.4.71-1~deb12u1, libapache2-mod-wsgi-py3 4.9.4-1+b2,
# curl 7.88.1-10+deb12u14 (Debian 12).
#
# Needs apt-get, curl, and the libraries that apache2-bin and
# libapache2-mod-wsgi-py3 depend on.
set -euo pipefail

PACKAGES=(apache2-bin=2.4.71-1~deb12u1 libapache2-mod-wsgi-py3=4.9.4-1+b2)

stop() {
    [ -z "${pid-}" ] || kill "$pid"
    wait
    rm -rf "$folder"
}

as_user() {
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
    else
        exec "$@"
    fi
}

folder=$(mktemp -d)
chmod 755 "$folder"
trap stop EXIT
cd "$folder"
apt-get download -q "${PACKAGES[@]}" >download.log 2>&1 ||
    { cat download.log >&2; exit 2; }
for package in *.deb; do
    dpkg -x "$package" files
done
httpd=$folder/files/usr/sbin/apache2
modules=$folder/files/usr/lib/apache2/modules
port=$((20000 + $$ % 10000))

mkdir htdocs programs
echo sorry >htdocs/file.html
cat >programs/silent <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\n\nsorry\n'
END
cat >programs/states <<'END'
#!/bin/sh
printf 'Status: 200 OK\nContent-Type: text/plain\n\nsorry\n'
END
chmod 755 programs/*
cat >app.py <<'END'
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"sorry\n"]
END

pages=(/file.html /cgi/silent /cgi/states /proxied/file.html /wsgi)
{
    for module in mpm_event authz_core alias cgid proxy proxy_http; do
        echo "LoadModule ${module}_module $modules/mod_$module.so"
    done
    cat <<CONF
LoadModule wsgi_module $(echo "$modules"/mod_wsgi.so-3.*)
ServerRoot $folder
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $folder/pid
ErrorLog $folder/error_log
ScriptSock $folder/cgisock
WSGISocketPrefix $folder/wsgi
DocumentRoot $folder/htdocs
ScriptAlias /cgi/ $folder/programs/
WSGIScriptAlias /wsgi $folder/app.py
ProxyPass /proxied/ http://127.0.0.1:$port/
CONF
    for page in "${pages[@]}"; do
        cat <<CONF
<Location /missing$page>
    ErrorDocument 404 $page
</Location>
<Location /guarded$page>
    Require all denied
    ErrorDocument 403 $page
</Location>
CONF
    done
} >httpd.conf
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$folder"

as_user "$httpd" -d "$folder" -f "$folder/httpd.conf" -DFOREGROUND &
pid=$!
for _ in $(seq 100); do
    curl -s -o /dev/null "http://127.0.0.1:$port/" && break
    sleep 0.1
done
"$httpd" -v | head -1
for page in "${pages[@]}"; do
    for path in missing guarded; do
        curl -s -m 60 -o body -w "ErrorDocument $page: $path, %{http_code}, " \
            "http://127.0.0.1:$port/$path$page"
        cat body
    done
done | tee seen

cat >expected <<'END'
ErrorDocument /file.html: missing, 404, sorry
ErrorDocument /file.html: guarded, 403, sorry
ErrorDocument /cgi/silent: missing, 404, sorry
ErrorDocument /cgi/silent: guarded, 403, sorry
ErrorDocument /cgi/states: missing, 200, sorry
ErrorDocument /cgi/states: guarded, 200, sorry
ErrorDocument /proxied/file.html: missing, 200, sorry
ErrorDocument /proxied/file.html: guarded, 200, sorry
ErrorDocument /wsgi: missing, 200, sorry
ErrorDocument /wsgi: guarded, 200, sorry
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
