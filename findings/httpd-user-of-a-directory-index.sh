#!/bin/bash
# httpd: the user of a DirectoryIndex that asks for a password by itself.
#
# Guess: a script that <Files> guards has REMOTE_USER, whether a client asks for
# it or for the folder whose index it is.
#
# Seen (httpd 2.4.71, Debian 12): as the index it has none, though the password
# was asked for and checked; and its request still has the headers that the
# sub-request for the index removed. mod_dir (and mod_negotiation) put the
# sub-request in the place of the request by ap_internal_fast_redirect(), which
# copies the environment and the notes, but neither user nor headers, and runs
# no hook. A module that needs them must look again when the handler is about to
# run.
#
# Versions: apache2-bin 2.4.71-1~deb12u1, curl 7.88.1-10+deb12u14
# (Debian 12).
#
# Needs apt-get, curl, and the libraries that apache2-bin depends on.
set -euo pipefail

modules=(dir include mime)

configuration() {
    cat <<'CONF'
TypesConfig /dev/null
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
<Directory htdocs>
    DirectoryIndex index.shtml
    Options +Includes
    <Files index.shtml>
        AuthType Basic
        AuthName people
        AuthUserFile users
        Require valid-user
    </Files>
</Directory>
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
echo 'user: <!--#echo var="REMOTE_USER" -->' >htdocs/index.shtml
"$httpd" -v | head -1
for path in /index.shtml /; do
    echo "$path: $(curl -s -o /dev/null -w '%{http_code}' \
        "http://127.0.0.1:$port$path") without a password"
    curl -s -u olga:secret "http://127.0.0.1:$port$path"
done | tee seen

cat >expected <<'END'
/index.shtml: 401 without a password
user: olga
/: 401 without a password
user: (none)
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
