#!/bin/sh
# Builds a PostgreSQL with assertions under the address sanitizer, from the source package of the
# distribution, into the folder $1, where it stays for the next time. Prints the path of its pg_config.
set -eu
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
pg_config=$prefix/installed/bin/pg_config
if [ -x "$pg_config" ]; then
  printf '%s\n' "$pg_config"
  exit
fi

# The package lists of the distribution, asked for sources instead of binaries.
lists=$prefix/lists
mkdir -p "$lists/partial" "$prefix/sources.d" "$prefix/source"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] || continue
  sed -e 's/^deb /deb-src /' -e 's/^Types:.*/Types: deb-src/' "$file" >"$prefix/sources.d/$(basename "$file")"
done
options="-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$prefix/sources.d -o Dir::State::lists=$lists -o APT::Sandbox::User=root"

# The newest version that can be had.
download() {
  # shellcheck disable=SC2086  # a list of words
  apt-get -qq $options update
  rm -f postgresql-*.tar.* postgresql-*.dsc
  package=postgresql-$(apt-cache show postgresql | sed -n 's/^Depends:.*postgresql-\([0-9]*\).*/\1/p' | head -n 1)
  # shellcheck disable=SC2086
  for version in $(apt-cache $options showsrc "$package" | sed -n 's/^Version: //p'); do
    apt-get -qq $options --download-only source "$package=$version" && return
  done
  echo "no source package of PostgreSQL can be had"
  return 1
}

# The server frees nothing when it ends, and measures its stack where the sanitizer would move it.
build() {
  export ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0
  tar -xf "$package"_*.orig.tar.* --strip-components=1 &&
    ./configure --prefix="$prefix/installed" --enable-cassert --enable-debug --without-readline --without-zlib \
      CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address' LDFLAGS=-fsanitize=address &&
    make -s -j "$(nproc)" && make -s install
}

if ! (cd "$prefix/source" && download && build) >"$prefix/build.log" 2>&1; then
  tail -n 20 "$prefix/build.log" >&2
  exit 1
fi
printf '%s\n' "$pg_config"
