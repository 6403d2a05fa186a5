#!/usr/bin/env bash
# Installs the Debian packages that Edgewright builds and tests with; silent when nothing is missing.
#
# Never fails: without a toolchain the parts that need it are skipped, and this says in one line what is missing.
set -euo pipefail

packages=(
    python3-venv                                # .venv
    gcc g++ libc6-dev clang libclang-rt-dev clang-format # host programs, kernel tests with sanitizers, lint
    gcc-arm-none-eabi libnewlib-arm-none-eabi   # Cortex-M
    gcc-aarch64-linux-gnu libc6-dev-arm64-cross # Raspberry Pi, 64 bits
    gcc-arm-linux-gnueabihf libc6-dev-armhf-cross # Raspberry Pi, 32 bits
    gcc-arm-linux-gnueabi libc6-dev-armel-cross # Raspberry Pi Zero and 1
    qemu-system-arm qemu-user                   # emulators
    cmake                                       # the example of a C application
)
programs=(
    gcc g++ clang clang-format arm-none-eabi-gcc aarch64-linux-gnu-gcc arm-linux-gnueabihf-gcc
    arm-linux-gnueabi-gcc
    qemu-system-arm qemu-aarch64 qemu-arm cmake
)

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

give_up() {
    echo "setup: $1; what needs them will be skipped" >&2
    exit 0
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
if ! "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    reason=$(grep -m1 '^E:' "$log" || tail -n 1 "$log")
    give_up "apt-get could not install ${missing[*]} (${reason#E: })"
fi
