#!/bin/bash
# libFuzzer: a module with it, for a server to load, and thread-local variables.
#
# Guess: to fuzz code that needs the server around it, libFuzzer's driver
# (libclang_rt.fuzzer_no_main, LLVMFuzzerRunDriver()) is linked into a module, and the
# server loads that as any other. Thread-local variables of the module are as before:
# those of a library that is loaded later get memory when a thread first uses them.
#
# Seen (LLVM 14, glibc 2.36, Debian 12): dlopen() refuses the module with "cannot
# allocate memory in static TLS block" if it has a few KiB of thread-local variables.
# One variable of libFuzzer (__sancov_lowest_stack) is of the model initial-exec, and
# that makes a file as a whole need static memory (DF_STATIC_TLS), for its other
# variables too, of which the C library keeps little in reserve. The same module
# without libFuzzer is loaded. GLIBC_TUNABLES=glibc.rtld.optional_static_tls=BYTES in the
# environment of the server makes room; nothing has to be compiled otherwise.
#
# Versions: libclang-rt-14-dev 1:14.0.6-12, gcc 12.2.0, libc6 2.36 (Debian 12).
#
# Needs apt-get, gcc and its C++ library.
set -euo pipefail

VERSION=1:14.0.6-12

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q "libclang-rt-14-dev=$VERSION" >download.log 2>&1 ||
    { cat download.log >&2; exit 2; }
for package in *.deb; do
    dpkg -x "$package" files
done
driver=$(find files -name 'libclang_rt.fuzzer_no_main-x86_64.a')

cat >module.c <<'END'
_Thread_local char kept[SIZE];
char *thread_local_variable(void)
{
    return kept;
}
#ifdef FUZZER
int LLVMFuzzerRunDriver(int *, char ***, int (*)(const unsigned char *, unsigned long));
void *driver = LLVMFuzzerRunDriver;
#endif
END
cat >server.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    (void)argc;
    if (dlopen(argv[1], RTLD_NOW)) {
        puts("loaded");
    }
    else {
        puts(strrchr(dlerror(), ':') + 2);
    }
    return 0;
}
END
gcc -o server server.c
for size in 16 14000; do
    gcc -shared -fPIC -DSIZE=$size -o "plain-$size.so" module.c
    gcc -shared -fPIC -DSIZE=$size -DFUZZER -o "fuzzer-$size.so" module.c \
        "$driver" -lstdc++ -lm
done

gcc --version | head -1
{
    for module in plain-16 plain-14000 fuzzer-16 fuzzer-14000; do
        echo "$module: $(./server "./$module.so")"
    done
    echo "fuzzer-14000, with the tunable:" "$(env \
        GLIBC_TUNABLES=glibc.rtld.optional_static_tls=20000 \
        ./server ./fuzzer-14000.so)"
} | tee seen

cat >expected <<'END'
plain-16: loaded
plain-14000: loaded
fuzzer-16: loaded
fuzzer-14000: cannot allocate memory in static TLS block
fuzzer-14000, with the tunable: loaded
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
