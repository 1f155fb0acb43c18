# The archive and the packages, made here and installed on a bare machine: read by ./run check package. As root, with
# debootstrap: Debian's base and nothing else, from where this machine has its own packages.
[ "$(id -u)" = 0 ] || fail "it makes a bare machine in a folder, which only root may"
packages=$top/build/release
rm -rf "$packages" && mkdir -p "$packages"
sh release/package.sh archive "$packages"
PG_CONFIG=$pg_config sh release/package.sh packages "$packages"
version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" fairdb.control)
major=$("$pg_config" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(SITE)' "Codename: $suite" | head -n 1)
bare=$state/bare
counts=$state/package.counts
: >"$counts"
# step NAME COMMAND...: passed when the command is.
step() {
  name=$1
  shift
  if "$@" >"$state/step.log" 2>&1; then
    echo "ok - $name"
    echo 1 0 >>"$counts"
  else
    tail -n 20 "$state/step.log"
    echo "not ok - $name"
    echo 0 1 >>"$counts"
  fi
}
inside() { chroot "$bare" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }

bare_machine() {
  say "a bare machine of Debian $suite"
  [ ! -e "$bare/proc/1" ] || inside sh -c "pg_ctlcluster $major main stop -m immediate" >/dev/null 2>&1 || true
  umount "$bare/proc" 2>/dev/null || true
  rm -rf --one-file-system "$bare"
  debootstrap --variant=minbase "$suite" "$bare" "$mirror" >"$state/bare.log" 2>&1 || { tail -n 5 "$state/bare.log"; fail "debootstrap failed"; }
  mount -t proc proc "$bare/proc"
  trap 'ended=$?; inside sh -c "pg_ctlcluster $major main stop -m immediate" >/dev/null 2>&1; umount "$bare/proc" 2>/dev/null; (exit $ended); leave' EXIT
  # The same names, and the same way to the mirror.
  cp /etc/resolv.conf /etc/hosts "$bare/etc/" 2>/dev/null || true
  grep -l -i -r proxy /etc/apt/apt.conf.d 2>/dev/null | while read -r file; do cp "$file" "$bare/etc/apt/apt.conf.d/"; done
  inside apt-get update -qq >>"$state/bare.log" 2>&1
}

bare_machine
say "the package for PostgreSQL $major"
cp "$packages"/postgresql-"$major"-fairdb_*.deb "$bare/tmp/"
step "apt-get installs it, and the server with it" inside sh -c "apt-get install -qq -y --no-install-recommends /tmp/*.deb"
step "the extension is made and answers, in version $version" inside sh -e -c "pg_ctlcluster $major main start
  runuser -u postgres -- psql -X -q -A -t -v ON_ERROR_STOP=1 -c 'create extension fairdb' -c \"select fairdb.demographic_parity_difference(i % 3 = 0, 'g' || i % 2) from generate_series(1, 60) as i\" \
    -c \"select extversion from pg_extension where extname = 'fairdb'\" | tr '\n' ' ' | grep -x '0 $version '
  pg_ctlcluster $major main stop"
step "it has the library, the scripts and the manual" inside sh -c "[ \$(dpkg -L postgresql-$major-fairdb | grep -c -E '/fairdb.so|/fairdb.control|/fairdb--$version.sql|/doc/scale.md') = 4 ]"
step "nothing of it is left when it is removed" inside sh -c "dpkg -r postgresql-$major-fairdb && ! dpkg -L postgresql-$major-fairdb 2>/dev/null | grep fairdb.so && [ ! -e /usr/lib/postgresql/$major/lib/fairdb.so ] && [ ! -e /usr/share/postgresql/$major/extension/fairdb.control ]"

bare_machine
say "the archive, built there"
cp "$packages/fairdb-$version.zip" "$bare/tmp/"
step "what the manual names is installed" inside apt-get install -qq -y --no-install-recommends unzip make g++ libeigen3-dev "postgresql-$major" "postgresql-server-dev-$major"
step "make and make install" inside sh -e -c "cd /tmp && unzip -q fairdb-$version.zip && cd fairdb-$version && make -s -j$cores && make -s install"
inside sh -c "pg_ctlcluster $major main start; chown -R postgres /tmp/fairdb-$version"
step "make installcheck" inside sh -c "cd /tmp/fairdb-$version && runuser -u postgres -- make -s installcheck"
tail -n 3 "$state/step.log"
inside pg_ctlcluster "$major" main stop || true
step "META.json has the version" inside grep -q "\"version\": \"$version\"" "/tmp/fairdb-$version/META.json"
printf '\n%s\n' "$(awk '{ p += $1; f += $2 } END { print p + 0 " passed, " f + 0 " failed" }' "$counts")"
! grep -q ' 1$' "$counts"
