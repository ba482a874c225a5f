#!/bin/bash
# ModSecurity's Core Rule Set: plain English that begins like a command.
#
# Guess: at paranoia level 1, the default, a form field may have any few words
# of English; rules that refuse those are for higher levels.
#
# Seen (CRS 3.3.4, Debian 12): rule 932150 takes a value that begins with the
# name of certain programs and a blank for a Unix command: "head of sales",
# "time for lunch", "python course", "ping monitor" and "echo chamber" are
# answered 403. "sales head", "lunch time", "top ten" and "man in the middle"
# are not. So where users name things, some names are refused by chance, until
# such fields are taken out of that rule (SecRuleUpdateTargetById).
#
# Versions: modsecurity-crs 3.3.4-1+deb12u3, libapache2-mod-security2
# 2.9.7-1+deb12u2, apache2-bin 2.4.71-1~deb12u1, curl 7.88.1-10+deb12u14
# (Debian 12).
#
# Needs apt-get, curl, and the libraries that apache2-bin and
# libapache2-mod-security2 depend on.
set -euo pipefail

PACKAGES=(modsecurity-crs=3.3.4-1+deb12u3 apache2-bin=2.4.71-1~deb12u1
          libapache2-mod-security2=2.9.7-1+deb12u2
          liblua5.1-0=5.1.5-9 libyajl2=2.1.0-3+deb12u2)

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
LD_LIBRARY_PATH=$(echo "$folder"/files/usr/lib/*-linux-gnu*)
export LD_LIBRARY_PATH
files=$folder/files
httpd=$files/usr/sbin/apache2
modules=$files/usr/lib/apache2/modules
port=$((20000 + $$ % 10000))
mkdir htdocs
echo hello >htdocs/page

# Debian's configuration, with the paths of this folder; the engine is on.
sed "s| /tmp/| $folder/|
     s|/var/log/apache2|$folder|
     s|unicode.mapping|$files/etc/modsecurity/unicode.mapping|
     s|^SecRuleEngine .*|SecRuleEngine On|" \
    "$files/etc/modsecurity/modsecurity.conf-recommended" >modsecurity.conf
sed "s| /| $files/|" \
    "$files/usr/share/modsecurity-crs/owasp-crs.load" >crs.conf
{
    for module in mpm_event authz_core unique_id; do
        echo "LoadModule ${module}_module $modules/mod_$module.so"
    done
    cat <<CONF
LoadModule security2_module $modules/mod_security2.so
ServerRoot $folder
ServerName localhost
Listen 127.0.0.1:$port
PidFile $folder/pid
ErrorLog $folder/error_log
DocumentRoot $folder/htdocs
Include modsecurity.conf
Include crs.conf
CONF
} >httpd.conf
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$folder"

as_user "$httpd" -d "$folder" -f "$folder/httpd.conf" -DFOREGROUND &
pid=$!
for _ in $(seq 300); do
    curl -s -o /dev/null "http://127.0.0.1:$port/" && break
    kill -0 "$pid" || exit 2
    sleep 0.1
done
"$httpd" -v | head -1
while read -r name; do
    : >error_log
    status=$(curl -s -m 60 -o /dev/null -w '%{http_code}' -4 \
        --data-urlencode "name=$name" "http://localhost:$port/page")
    rules=$(grep -o 'id "9[0-4][0-9]*"' error_log | tr '\n' ' ') || true
    echo "$name: $status $rules"
done <<'END' | sed 's/ *$//' | tee seen
head of sales
sales head
time for lunch
lunch time
python course
ping monitor
echo chamber
top ten
man in the middle
END

cat >expected <<'END'
head of sales: 403 id "932150" id "949110"
sales head: 200
time for lunch: 403 id "932150" id "949110"
lunch time: 200
python course: 403 id "932150" id "949110"
ping monitor: 403 id "932150" id "949110"
echo chamber: 403 id "932150" id "949110"
top ten: 200
man in the middle: 200
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
