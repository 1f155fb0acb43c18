#!/bin/sh
# The archive for PGXN and the packages for Debian, from what is committed: package.sh [archive|packages] FOLDER
set -eu
what=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
version=$(git show HEAD:fairdb.control | sed -n "s/^default_version *= *'\(.*\)'.*/\1/p")
name=fairdb-$version

# META.json is not committed: the version stands in the control file only.
meta=$(mktemp -d)
trap 'rm -rf "$meta"' EXIT
git show HEAD:META.json.in | sed "s/@VERSION@/$version/g" >"$meta/META.json"
git show HEAD:CHANGELOG.md | grep -q "^## \[$version\] - [0-9]" || { echo "CHANGELOG.md has no chapter of $version with its date" >&2; exit 1; }
git cat-file -e "HEAD:sql/fairdb--$version.sql" || { echo "sql/fairdb--$version.sql is not committed" >&2; exit 1; }

if [ "$what" = archive ]; then
  git archive --format=zip --prefix="$name/" --add-file="$meta/META.json" -o "$folder/$name.zip" HEAD
  echo "$folder/$name.zip"
  exit
fi

# Debian's changelog tells of the release; what has changed is in CHANGELOG.md, which the package holds.
rm -rf "$folder/$name"
git archive --prefix="$name/" HEAD | tar xf - -C "$folder"
cat >"$folder/$name/debian/changelog" <<TEXT
fairdb ($version) unstable; urgency=medium

  * fairdb $version: see CHANGELOG.md.

 -- the fairdb authors <maintainers@fairdb.invalid>  $(git log -1 --format=%cD HEAD)
TEXT
cd "$folder/$name"
# The server that this is for, and no other.
major=$("${PG_CONFIG:-pg_config}" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
echo "$major" >debian/pgversions
pg_buildext updatecontrol
# -d: what builds is here already; the list of what a build needs has all servers.
DEB_BUILD_OPTIONS="parallel=$(nproc)" dpkg-buildpackage -b -d -us -uc -rfakeroot >"$folder/packages.log" 2>&1 || { tail -n 30 "$folder/packages.log" >&2; exit 1; }
cd "$folder"
rm -rf "${folder:?}/$name"
ls "$folder"/*.deb
