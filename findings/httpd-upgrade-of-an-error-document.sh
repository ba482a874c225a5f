#!/bin/bash
# httpd: an ErrorDocument where the client offers an upgrade to HTTP/2.
#
# Guess: a request that is refused with 401 and an ErrorDocument is answered
# 401 over HTTP/1.1 and over HTTP/2 alike.
#
# Seen (httpd 2.4.71, Debian 12): with "Upgrade: h2c", which "curl --http2" and
# Java's HttpClient send, the answer is 200 and the page. The upgrade is made by
# a handler, and the ErrorDocument is an internal redirect to which it applies:
# mod_http2 runs that as a request of its own. So a client takes a refusal for a
# success. A module that refuses can remove "Upgrade" from the request.
#
# Versions: apache2-bin 2.4.71-1~deb12u1, curl 7.88.1-10+deb12u14
# (Debian 12).
#
# Needs apt-get, curl, and the libraries that apache2-bin depends on.
set -euo pipefail

modules=(http2)

configuration() {
    cat <<'CONF'
Protocols h2c http/1.1
<Location /guarded>
    AuthType Basic
    AuthName people
    AuthUserFile users
    Require valid-user
    ErrorDocument 401 /sorry.html
</Location>
CONF
}

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
# Of "olga" and "secret".
echo 'olga:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=' >users

{
    for module in mpm_event authn_core authz_core authz_user auth_basic \
        authn_file "${modules[@]}"; do
        echo "LoadModule ${module}_module $folder/files/usr/lib/apache2/modules/mod_$module.so"
    done
    cat <<CONF
ServerRoot $folder
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $folder/pid
ErrorLog $folder/error_log
DocumentRoot $folder/htdocs
$(configuration)
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
echo sorry >htdocs/sorry.html
"$httpd" -v | head -1
for protocol in --http1.1 --http2 --http2-prior-knowledge; do
    curl -s "$protocol" -w "$protocol: %{http_code}, HTTP %{http_version}\n" \
        "http://127.0.0.1:$port/guarded"
done | tee seen

cat >expected <<'END'
sorry
--http1.1: 401, HTTP 1.1
sorry
--http2: 200, HTTP 2
sorry
--http2-prior-knowledge: 401, HTTP 2
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
