#!/usr/bin/env bash
# Installs the Debian packages that Edgewright builds and tests with; silent when nothing is missing.
#
# Never fails: without a toolchain the parts that need it are skipped, and this says in one line what is missing.
set -euo pipefail

give_up() {
    echo "setup: $1; what needs them will be skipped" >&2
    exit 0
}

# Two lines: the packages and the programs of targets/toolchains.toml.
lists=$("${PYTHON:-python3}" -c '
import sys, tomllib
with open(sys.argv[1], "rb") as file:
    tools = [tool for tool in tomllib.load(file)["tool"] if tool["when"] != "asked"]
print(*dict.fromkeys(package for tool in tools for package in tool["packages"]))
print(*(tool["command"] for tool in tools))
' "$(dirname "$0")/../targets/toolchains.toml" 2>/dev/null) ||
    give_up "${PYTHON:-python3} cannot read which packages are needed, Python 3.11 or newer can"
{ read -ra packages && read -ra programs; } <<<"$lists"

# The given Debian packages that are not installed.
missing_packages() {
    local installed
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
    for package in "$@"; do
        grep -q "^$package installed$" <<<"$installed" || echo "$package"
    done
}

missing_programs() {
    for program in "${programs[@]}"; do
        command -v "$program" >/dev/null || echo "$program"
    done
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    mapfile -t missing < <(missing_programs)
    ((${#missing[@]} == 0)) || give_up "no apt-get on this machine; please install by hand: ${missing[*]}"
    exit 0
fi

mapfile -t missing < <(missing_packages "${packages[@]}")
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
    command -v sudo >/dev/null || give_up "not root and no sudo; please run as root: apt-get install ${missing[*]}"
    as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# A package list that cannot be refreshed may still be good enough to install from.
"${as_root[@]}" apt-get update -q >"$log" 2>&1 || true

# Another release may lack a package, which must not keep the others away.
available=() absent=()
for package in "${missing[@]}"; do
    if apt-cache show -q=0 "$package" >/dev/null 2>&1; then available+=("$package"); else absent+=("$package"); fi
done
if ((${#available[@]})) &&
    ! "${as_root[@]}" apt-get install -q -y --no-install-recommends "${available[@]}" >>"$log" 2>&1; then
    reason=$(grep -m1 '^E:' "$log" || tail -n 1 "$log")
    give_up "apt-get could not install ${available[*]} (${reason#E: })"
fi
((${#absent[@]} == 0)) || give_up "this machine's packages do not include ${absent[*]}"
