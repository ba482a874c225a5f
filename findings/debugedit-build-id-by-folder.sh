#!/bin/bash
# debugedit: the build-id of a program that was built in another folder.
#
# Guess: debugedit -i makes the build-id of a program from what it is after its paths
# were replaced. So a program that was built in two folders, and whose folder was
# replaced by the same one (-b, -d), gets the same build-id.
#
# Seen (debugedit 5.0, Debian 12, gcc 12.2.0): the build-ids differ, if the names of
# the folders have other lengths, though all sections of both programs are equal but
# for the one with the build-id. So packages of rpm, whose file names contain
# build-ids, depend on the folder where they are built. The remedy is to build in a
# folder of a fixed name, for example one that is mounted there.
#
# Versions: debugedit 1:5.0-5; gcc and binutils of Debian 12.
#
# Needs apt-get, gcc, binutils, and the libraries that debugedit depends on.
set -euo pipefail

VERSION=1:5.0-5

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q "debugedit=$VERSION" >download.log 2>&1 ||
    { cat download.log >&2; exit 2; }
dpkg -x debugedit*.deb files

# build NAME: prints the build-id of a program that was built in a folder of this
# name; its sections are left in NAME.sections.
build() {
    local name=$1
    mkdir "$name"
    echo 'int main(void) { return 0; }' >"$name/a.c"
    (cd "$name" && gcc -g -O2 -Wl,--build-id=sha1 -o a "$folder/$name/a.c")
    files/usr/bin/debugedit -i -b "$folder/$name" -d /usr/src/a "$name/a"
    mkdir "$name.sections"
    objdump -h "$name/a" | awk '$1 ~ /^[0-9]+$/ { print $2 }' |
        while read -r section; do
            [ "$section" != .note.gnu.build-id ] || continue
            objcopy -O binary --set-section-flags "$section=alloc" \
                --only-section="$section" "$name/a" \
                "$name.sections/$section" 2>/dev/null
        done
}

one=$(build one)
three=$(build a-longer-name)
echo "$one in one/, $three in a-longer-name/"
[ ${#one} -eq 40 ]
[ "$one" != "$three" ]
diff -r one.sections a-longer-name.sections
[ -s one.sections/.debug_info ]
echo 'as it was seen'
