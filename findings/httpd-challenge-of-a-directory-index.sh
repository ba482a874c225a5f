#!/bin/bash
# httpd: the challenge of a DirectoryIndex that asks for a password by itself.
#
# Guess: whoever asks for a folder whose index needs a password gets the 401 of the
# index, with its WWW-Authenticate, so that a browser asks for the password.
#
# Seen (httpd 2.4.71, Debian 12): so it is if the index is the last name of
# DirectoryIndex. Before other names (DirectoryIndex index.php index.html, where
# index.php needs the password) the 401 has no WWW-Authenticate, which RFC 9110
# (section 15.5.2) forbids, and a browser cannot ask: mod_dir tries the other names,
# and then answers the status of that sub-request and nothing else of it. A module that
# answers refusals in a filter must keep what it knows of the sub-request: its
# hooks for errors are run for the request of the folder alone.
#
# Versions: apache2-bin 2.4.71-1~deb12u1, curl 7.88.1-10+deb12u14
# (Debian 12).
#
# Needs apt-get, curl, and the libraries that apache2-bin depends on.
set -euo pipefail

modules=(dir mime)

configuration() {
    cat <<'CONF'
TypesConfig /dev/null
<Directory htdocs>
    DirectoryIndex index.html
    <Files index.html>
        AuthType Basic
        AuthName people
        AuthUserFile users
        Require valid-user
    </Files>
</Directory>
<Directory htdocs/two>
    DirectoryIndex index.html other.html
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
mkdir htdocs/two
echo index | tee htdocs/index.html >htdocs/two/index.html
"$httpd" -v | head -1
for path in /index.html / /two/index.html /two/; do
    curl -s -o /dev/null -D headers "http://127.0.0.1:$port$path"
    echo "$path: $(head -1 headers | cut -d ' ' -f 2)" \
        "$(grep -i '^WWW-Authenticate' headers | tr -d '\r')"
    curl -s -u olga:secret "http://127.0.0.1:$port$path"
done | tee seen

cat >expected <<'END'
/index.html: 401 WWW-Authenticate: Basic realm="people"
index
/: 401 WWW-Authenticate: Basic realm="people"
index
/two/index.html: 401 WWW-Authenticate: Basic realm="people"
index
/two/: 401 
index
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
