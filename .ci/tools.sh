#!/usr/bin/env bash
# Programs beside Python that some tests use, from Debian's packages. Where one is missing, its tests are skipped and say
# so, and the benchmarks take a server of their own for nginx: this script fails nothing.
set -uo pipefail

needed=()
command -v promtool > /dev/null || needed+=(prometheus)
PATH="$PATH:/usr/sbin" command -v nginx > /dev/null || needed+=(nginx-light)
command -v chromium chromium-browser google-chrome > /dev/null || needed+=(chromium)
compgen -G '/usr/lib/postgresql/*/bin/postgres' > /dev/null || needed+=(postgresql)
command -v mariadbd > /dev/null || [ -x /usr/sbin/mariadbd ] || needed+=(mariadb-server-core mariadb-client-core)
command -v redis-server > /dev/null || needed+=(redis-server)
[ "${#needed[@]}" -gt 0 ] || exit 0

if ! command -v apt-get > /dev/null; then
  echo "no apt-get here: tests that need ${needed[*]} are skipped"
  exit 0
fi
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
export DEBIAN_FRONTEND=noninteractive
install() { "${as_root[@]}" apt-get install -y -q --no-install-recommends "${needed[@]}"; }
if ! { install || { "${as_root[@]}" apt-get update -q && install; }; } > /tmp/smsgate-tools.log 2>&1; then
  echo "could not install ${needed[*]}, so tests that need them are skipped: $(tail -1 /tmp/smsgate-tools.log)"
fi
