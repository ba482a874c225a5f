#!/bin/bash
# httpd, uWSGI: mod_uwsgi sends the answer past httpd.
#
# Guess: an answer of a program that uWSGI runs is an answer of httpd's, whether
# mod_uwsgi or mod_proxy_uwsgi leads there: what "Header always set" adds is in
# it, and a client that keeps the connection sees where the answer ends.
#
# Seen (mod_uwsgi 2.0.21, httpd 2.4.71, Debian 12): by default mod_uwsgi hands
# on the bytes that uWSGI says. No header that httpd adds is in the answer, not
# even Date. If the program states no Content-Length, nothing ends the answer:
# httpd keeps the connection, and the client waits until KeepAliveTimeout.
# uWSGI's documentation says of this mode only that output filters do not apply.
# With "uWSGIforceCGImode true" and uWSGI's option --cgi-mode the answer is like
# mod_proxy_uwsgi's. So whoever relies on a header that httpd sets, such as
# Cache-Control, has to look whether it arrives.
#
# Versions: libapache2-mod-uwsgi, uwsgi-core and uwsgi-plugin-python3
# 2.0.21-5.1, apache2-bin 2.4.71-1~deb12u1, curl 7.88.1-10+deb12u14 (Debian 12).
#
# Needs apt-get, curl, and the libraries that apache2-bin, uwsgi-core and
# libpython3.11 depend on.
set -euo pipefail

VERSION=2.0.21-5.1
PACKAGES=(apache2-bin=2.4.71-1~deb12u1 "libapache2-mod-uwsgi=$VERSION"
          "uwsgi-core=$VERSION" "uwsgi-plugin-python3=$VERSION"
          libyajl2=2.1.0-3+deb12u2)
KEPT=5      # seconds

pids=()
stop() {
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" || true
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
LD_LIBRARY_PATH=$(echo "$folder"/files/usr/lib/*-linux-gnu*)
export LD_LIBRARY_PATH
httpd=$folder/files/usr/sbin/apache2
modules=$folder/files/usr/lib/apache2/modules
port=$((20000 + $$ % 10000))

cat >app.py <<'END'
def application(environ, start_response):
    body = b"hello\n"
    headers = [("Content-Type", "text/plain")]
    if environ["QUERY_STRING"] == "length":
        headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [body]
END
{
    for module in mpm_event authz_core headers proxy proxy_uwsgi uwsgi; do
        echo "LoadModule ${module}_module $modules/mod_$module.so"
    done
    cat <<CONF
ServerRoot $folder
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $folder/pid
ErrorLog $folder/error_log
KeepAliveTimeout $KEPT
Header always set X-Added yes
<Location /mod_uwsgi>
    SetHandler uwsgi-handler
    uWSGIsocket $folder/plain
</Location>
<Location /both_in_cgi_mode>
    SetHandler uwsgi-handler
    uWSGIsocket $folder/cgi
    uWSGIforceCGImode true
</Location>
<Location /mod_proxy_uwsgi>
    ProxyPass unix:$folder/plain|uwsgi://app/
</Location>
CONF
} >httpd.conf
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$folder"

start_uwsgi() {
    as_user "$folder/files/usr/bin/uwsgi-core" --die-on-term \
        --plugins-dir "$folder/files/usr/lib/uwsgi/plugins" \
        --plugin python311 --wsgi-file app.py --socket "$@" >>uwsgi.log 2>&1 &
    pids+=($!)
}
start_uwsgi "$folder/plain"
start_uwsgi "$folder/cgi" --cgi-mode
as_user "$httpd" -d "$folder" -f "$folder/httpd.conf" -DFOREGROUND &
pids+=($!)
for path in mod_proxy_uwsgi both_in_cgi_mode; do
    for _ in $(seq 300); do
        [ "$(curl -s "http://127.0.0.1:$port/$path")" != hello ] || break
        sleep 0.1
    done
done

"$httpd" -v | head -1
for path in {mod_uwsgi,both_in_cgi_mode,mod_proxy_uwsgi}{?length,}; do
    seconds=$(curl -s -m 60 -D headers -o body -w '%{time_total}' \
        "http://127.0.0.1:$port/$path")
    count=$(grep -ciE '^(X-Added|Date):' headers) || true
    end="at once"
    [ "${seconds%.*}" -lt "$KEPT" ] || end="after KeepAliveTimeout"
    echo "$path: $(cat body), $count headers of httpd, ends $end"
done | tee seen

cat >expected <<'END'
mod_uwsgi?length: hello, 0 headers of httpd, ends at once
mod_uwsgi: hello, 0 headers of httpd, ends after KeepAliveTimeout
both_in_cgi_mode?length: hello, 2 headers of httpd, ends at once
both_in_cgi_mode: hello, 2 headers of httpd, ends at once
mod_proxy_uwsgi?length: hello, 2 headers of httpd, ends at once
mod_proxy_uwsgi: hello, 2 headers of httpd, ends at once
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
