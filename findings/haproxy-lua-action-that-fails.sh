#!/bin/bash
# HAProxy: a request whose Lua action fails.
#
# Guess: "http-request lua.check" is a rule like "http-request auth". If the
# action raises an error, the request ends with 500; a check that did not happen
# lets nobody in.
#
# Seen (HAProxy 2.6.12): the error is one line in the log, and the next rule is
# evaluated: the request goes on, as if the action had accepted it. So whatever
# makes the program fail lets everybody in, and a client may be able to cause
# that with its own request: here a header that is missing. The remedy is a
# variable that the action sets as the last thing it does, and a rule that denies
# requests without it.
#
# Versions: haproxy 2.6.12-1+deb12u4, curl 7.88.1-10+deb12u14 (Debian 12).
#
# Needs apt-get, curl, and the libraries that the package haproxy depends on,
# other than those listed here.
set -euo pipefail

PACKAGES=(haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2
    libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4)

stop() {
    [ -z "${pid-}" ] || kill "$pid"
    wait
    rm -rf "$folder"
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
export LD_LIBRARY_PATH=$folder/files/usr/lib/x86_64-linux-gnu
haproxy=$folder/files/usr/sbin/haproxy
port=$((20000 + $$ % 10000))

# It is meant to let "yes" in alone.
cat >check.lua <<'END'
core.register_action("check", { "http-req" }, function(txn)
    local answer = txn.http:req_get_headers()["x-answer"][0]
    if answer ~= "yes" then
        txn:done(txn:reply { status = 403, body = "no\n" })
    end
    txn:set_var("txn.checked", "yes")
end)
END
cat >haproxy.cfg <<END
global
    lua-load $folder/check.lua
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend plain
    bind 127.0.0.1:$port
    http-request lua.check
    http-request return status 200 content-type text/plain string "in\n"
frontend guarded
    bind 127.0.0.1:$((port + 1))
    http-request lua.check
    http-request deny deny_status 403 unless { var(txn.checked) -m str yes }
    http-request return status 200 content-type text/plain string "in\n"
END

"$haproxy" -db -f haproxy.cfg >log 2>&1 &
pid=$!
for _ in $(seq 100); do
    curl -s -o /dev/null "http://127.0.0.1:$port/" && break
    sleep 0.1
done
"$haproxy" -v | head -1
ask() {
    local name=$1
    shift
    printf '%s: ' "$name"
    curl -s -m 10 -o /dev/null -w '%{http_code}\n' "$@"
}
{
    for where in 0 1; do
        url=http://127.0.0.1:$((port + where))/
        ask "$where, says yes" -H 'X-Answer: yes' "$url"
        ask "$where, says no" -H 'X-Answer: no' "$url"
        ask "$where, says nothing" "$url"
    done
} | tee seen

cat >expected <<'END'
0, says yes: 200
0, says no: 403
0, says nothing: 200
1, says yes: 200
1, says no: 403
1, says nothing: 403
END
diff expected seen || { echo "not as it was seen" >&2; cat log >&2; exit 1; }
grep -q "attempt to index a nil value" log ||
    { echo "the action did not fail" >&2; exit 1; }
echo "as it was seen"
