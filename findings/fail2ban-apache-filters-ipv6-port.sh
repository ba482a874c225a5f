#!/bin/bash
# fail2ban: the address of an IPv6 client in the error log of httpd.
#
# Guess: fail2ban's filters for Apache (apache-auth and its like) know that httpd
# writes "[client ADDRESS:PORT]", and ban ADDRESS, of IPv4 and of IPv6.
#
# Seen (fail2ban 1.0.2, httpd 2.4.71): the pattern for an address is greedy and
# that for a port is optional, so a port that looks like a group of an IPv6
# address, up to four digits, becomes its end: for "[client 2001:db8::7:4000]"
# fail2ban bans 2001:db8::7:4000. The client goes on, and somebody else is out.
# Ports of clients mostly have five digits; but behind a proxy, with mod_remoteip,
# httpd writes port 0, so there it is each client of IPv6 whose address has "::".
# In the full form of eight groups there is no room for one more. A filter of
# one's own demands the port: httpd always writes it.
#
# Versions: fail2ban 1.0.2-2, apache2-bin 2.4.71-1~deb12u1,
# curl 7.88.1-10+deb12u14 (Debian 12).
#
# Needs apt-get, curl, /usr/bin/python3, and the libraries that apache2-bin
# depends on.
set -euo pipefail

PACKAGES=(fail2ban=1.0.2-2 apache2-bin=2.4.71-1~deb12u1)

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
        auth_basic remoteip; do
        echo "LoadModule ${module}_module $modules/mod_$module.so"
    done
    cat <<CONF
ServerRoot $folder
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $folder/pid
ErrorLog $folder/error_log
RemoteIPHeader X-Address
<Location />
    AuthType Basic
    AuthName users
    AuthUserFile $folder/users
    Require valid-user
</Location>
CONF
} >httpd.conf
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$folder"

as_user "$httpd" -d "$folder" -f "$folder/httpd.conf" -DFOREGROUND &
pid=$!
for _ in $(seq 100); do
    curl -s -o /dev/null "http://127.0.0.1:$port/" && break
    sleep 0.1
done
for address in 198.51.100.7 2001:db8::7 2001:db8:1:2:3:4:5:7; do
    curl -s -o /dev/null -u olga:guess -H "X-Address: $address" \
        "http://127.0.0.1:$port/"
done
# As it is without mod_remoteip, from two ports.
line=$(grep -F '[client 2001:db8::7:0]' error_log)
for number in 4000 54000; do
    echo "${line/::7:0]/::7:$number]}"
done >>error_log

banned() {
    PYTHONPATH=$folder/files/usr/lib/python3/dist-packages /usr/bin/python3 \
        files/usr/bin/fail2ban-regex -c files/etc/fail2ban -o ip "$@"
}
"$httpd" -v | head -1
grep -o 'client [^]]*' error_log | sed 's/^client //' >clients
banned error_log files/etc/fail2ban/filter.d/apache-auth.conf >bans
paste -d ' ' clients bans | sed 's/ / is taken for /' | tee seen
cat >strict.conf <<'END'
[Definition]
failregex = \[client <ADDR>:\d{1,5}\] AH01618:
END
banned error_log "$folder/strict.conf" >strict

cat >expected <<'END'
198.51.100.7:0 is taken for 198.51.100.7
2001:db8::7:0 is taken for 2001:db8::7:0
2001:db8:1:2:3:4:5:7:0 is taken for 2001:db8:1:2:3:4:5:7
2001:db8::7:4000 is taken for 2001:db8::7:4000
2001:db8::7:54000 is taken for 2001:db8::7
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
diff <(sed 's/:[0-9]*$//' clients) strict ||
    { echo "the strict filter fails" >&2; exit 1; }
echo "as it was seen"
