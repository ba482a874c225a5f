#!/bin/bash
# httpd: TRACE, and "OPTIONS *", where nothing is allowed.
#
# Guess: "Require all denied" refuses every method. A TRACE that httpd answers by
# itself is authorized first, like a GET.
#
# Seen (httpd 2.4.71, its defaults): TRACE is answered with 200 before anything is
# authorized or authenticated, for every URL, also one that is denied, needs a
# password, or does not exist; and "OPTIONS *" always. Neither <Limit> nor
# "Require method" reaches them. "TraceEnable Off" (Debian's conf-enabled/
# security.conf has it) makes the first 405, for a whole server. It matters where
# another server asks httpd whether a request may go on, with the method of its
# client, as Envoy's ext_authz does: TRACE is let in there by anybody.
#
# Versions: apache2-bin 2.4.71-1~deb12u1, curl 7.88.1-10+deb12u14 (Debian 12).
#
# Needs apt-get, curl, and the libraries that apache2-bin depends on.
set -euo pipefail

PACKAGES=(apache2-bin=2.4.71-1~deb12u1)

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

: >users
{
    for module in mpm_event authn_core authn_file authz_core authz_user \
        auth_basic; do
        echo "LoadModule ${module}_module $modules/mod_$module.so"
    done
    cat <<CONF
ServerRoot $folder
ServerName 127.0.0.1
Listen 127.0.0.1:$port
Listen 127.0.0.1:$((port + 1))
PidFile $folder/pid
ErrorLog $folder/error_log
<Location />
    Require all denied
</Location>
<Location /users>
    AuthType Basic
    AuthName users
    AuthUserFile $folder/users
    Require valid-user
</Location>
<Location /method>
    Require method GET
</Location>
<VirtualHost 127.0.0.1:$((port + 1))>
    TraceEnable Off
</VirtualHost>
CONF
} >httpd.conf
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$folder"

as_user "$httpd" -d "$folder" -f "$folder/httpd.conf" -DFOREGROUND &
pid=$!
for _ in $(seq 100); do
    curl -s -o /dev/null "http://127.0.0.1:$port/" && break
    sleep 0.1
done
ask() {
    curl -s -m 10 -o /dev/null -w "$1 $2 $3: %{http_code}\n" -X "$2" \
        --request-target "$3" "http://127.0.0.1:$((port + $1))/"
}
"$httpd" -v | head -1
{
    for path in /denied /users /method; do
        ask 0 POST "$path"
        ask 0 TRACE "$path"
    done
    ask 0 OPTIONS /denied
    ask 0 OPTIONS '*'
    ask 1 TRACE /denied
    ask 1 OPTIONS '*'
} | tee seen

cat >expected <<'END'
0 POST /denied: 403
0 TRACE /denied: 200
0 POST /users: 401
0 TRACE /users: 200
0 POST /method: 403
0 TRACE /method: 200
0 OPTIONS /denied: 403
0 OPTIONS *: 200
1 TRACE /denied: 405
1 OPTIONS *: 200
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
