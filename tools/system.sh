#!/bin/sh
# What the tests use beyond Python: a browser, an office suite, database servers, archivers. Installed by apt when root on Debian;
# elsewhere a plain message, and the tests that need them are skipped with the reason.
set -eu

missing=""
need() { # command, package
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need chromium chromium
need soffice "libreoffice-calc-nogui libreoffice-writer-nogui"
need pdftoppm poppler-utils
need mariadb-dump mariadb-server
need 7z p7zip-full
need zstd zstd
need tesseract "tesseract-ocr tesseract-ocr-fra"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
ls /usr/share/postgresql/*/extension/pgaudit.control >/dev/null 2>&1 ||
  missing="$missing $(apt-cache search --names-only '^postgresql-[0-9]+-pgaudit$' 2>/dev/null | sort -V | tail -n 1 | cut -d ' ' -f 1)"
ls /usr/lib/*/libarchive.so.13 >/dev/null 2>&1 || missing="$missing libarchive13"

[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing for the tests:$missing"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 - a list of packages
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing fonts-dejavu-core; } >/dev/null 2>&1 ||
    echo "Could not install:$missing. The tests that need them will be skipped, with the reason."
else
  echo "Not installed:$missing. The tests that need them will be skipped. On Debian: sudo apt-get install$missing"
fi
