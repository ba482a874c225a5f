#!/bin/bash
# curl: a second request on a connection of HTTP/2 without TLS.
#
# Guess: curl --http2-prior-knowledge with several URLs of one server opens one
# connection and sends all requests on it, as it does with TLS.
#
# Seen (curl 7.88.1, Debian 12): it uses the connection again and sends nothing
# that the server understands: all requests but the first fail with exit status 16,
# "Error in the HTTP2 framing layer", here with nghttp2's own server, and alike
# with httpd. With TLS all three are answered. So a test of HTTP/2 by this curl
# needs a process for each request, or TLS, to be about the server.
#
# Versions: curl and libcurl4 7.88.1-10+deb12u15, nghttp2-server and libnghttp2-14
# 1.52.0-1+deb12u3, libev4 1:4.33-1, libjemalloc2 5.3.0-1 (Debian 12).
#
# Needs apt-get, openssl, and the libraries that these packages depend on.
set -euo pipefail

folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15 \
    nghttp2-server=1.52.0-1+deb12u3 libnghttp2-14=1.52.0-1+deb12u3 \
    libev4=1:4.33-1 libjemalloc2=5.3.0-1 >log 2>&1 ||
    { cat log >&2; exit 2; }
for package in *.deb; do
    dpkg -x "$package" files
done
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost \
    -keyout key -out certificate 2>/dev/null
mkdir www
echo answer >www/a
libraries=$(echo "$folder"/files/usr/lib/*-linux-gnu*)
port=$((20000 + RANDOM % 20000))

run() {
    LD_LIBRARY_PATH=$libraries timeout 30 "$@"
}

# ask SCHEME OPTION…: three requests
ask() {
    run files/usr/bin/curl -s --noproxy '*' "${@:2}" -o /dev/null \
        -w '%{http_code} %{errormsg}\n' "$1://127.0.0.1:$port/a?[1-3]" ||
        echo "exit status $?"
}

# serve ARGUMENT…: the server, until the next one
serve() {
    [ -z "$server" ] || { kill "$server"; wait "$server" || :; }
    port=$((port + 1))
    LD_LIBRARY_PATH=$libraries files/usr/sbin/nghttpd -d www "$@" >>log 2>&1 &
    server=$!
    until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        kill -0 "$server"
        sleep 0.05
    done
}

run files/usr/bin/curl --version | head -n 1
{
    serve --no-tls "$((port + 1))"
    echo 'without TLS:'
    ask http --http2-prior-knowledge
    serve "$((port + 1))" key certificate
    echo 'with TLS:'
    ask https --http2 --insecure
} >seen 2>/dev/null
cat seen
cat >expected <<'END'
without TLS:
200 
000 Error in the HTTP2 framing layer
000 Error in the HTTP2 framing layer
exit status 16
with TLS:
200 
200 
200 
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
