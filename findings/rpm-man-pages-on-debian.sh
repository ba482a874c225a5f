#!/bin/bash
# rpm on Debian: what its default steps after %install make of man pages.
#
# Guess: rpmbuild compresses man pages on Debian as it does on Fedora, and a %files
# list names them with ".gz".
#
# Seen (rpm 4.18.0, Debian 12): they stay as they are, and rpmbuild says nothing about
# it. brp-compress begins with #!/bin/sh and reads names by "read -d ''", which is
# bash's; in dash it is an error in a loop whose status nobody asks for, so the step
# succeeds and compresses nothing. By bash the same file compresses the page. A spec
# that is right on both lists "name.1*".
#
# Versions: rpm 4.18.0+dfsg-1+deb12u1, dash 0.5.12-2 (Debian 12).
#
# Needs apt-get.
set -euo pipefail

RPM=4.18.0+dfsg-1+deb12u1
DASH=0.5.12-2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q "rpm=$RPM" "dash=$DASH" >download.log 2>&1 ||
    { cat download.log >&2; exit 2; }
for package in *.deb; do
    dpkg -x "$package" files
done
step=$(find files -name brp-compress)
[ "$(head -n 1 "$step")" = '#!/bin/sh' ]

# compress SHELL…: prints the shell's status, and the page as the step leaves it.
compress() {
    local status=0
    rm -rf root
    mkdir -p root/usr/share/man/man1
    printf '.TH A 1\n.SH NAME\na \\- a page\n' >root/usr/share/man/man1/a.1
    RPM_BUILD_ROOT=$folder/root timeout 60 "$@" "$step" >log 2>&1 || status=$?
    echo "$1: status $status, $(cd root/usr/share/man/man1 && ls)"
}

dash=$(find files -name dash -type f -perm /100 | head -n 1)
seen=$(compress "$dash" | sed 's|^[^:]*/||' && compress bash)
echo "$seen"
[ "$seen" = 'dash: status 0, a.1
bash: status 0, a.1.gz' ]
echo 'as it was seen'
