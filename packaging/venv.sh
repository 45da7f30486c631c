# shellcheck shell=bash
# Sourced by ./demo and ./check: the project's own virtual environment, in .venv beside this clone.
# Installs nothing outside it, but for Debian packages where we are root and they are missing.

say() { printf '%s\n' "$*" >&2; }

# apt_install PACKAGE... : installs where root; says what to type where not. 0 only when installed.
apt_install() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing Debian packages: $* / 正在安装 Debian 软件包：$*"
    # Lists may be missing (fresh container) or old: one refresh where the first try fails.
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return 0
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null && return 0
  fi
  say "missing: $* (sudo apt-get install $*) / 缺少：$*(请执行 sudo apt-get install $*)"
  return 1
}

find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$candidate"
      return 0
    fi
  done
  apt_install python3 python3-venv || return 1
  printf 'python3'
}

# ensure_venv EXTRA : .venv with this project (editable) and the extra's packages; quick the second time.
ensure_venv() {
  local extra=$1 python stamp wanted
  python=$(find_python) || return 1
  wanted="$extra $(pwd -P) $("$python" -V) $(cksum <pyproject.toml)"
  stamp=.venv/simward-$extra.stamp
  if [ -x .venv/bin/simward ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return 0
  fi
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    apt_install python3-venv || return 1
  fi
  # A virtual environment does not survive being moved or a new Python.
  if [ -d .venv ] && ! .venv/bin/python -c 'import pip' 2>/dev/null; then rm -rf .venv; fi
  [ -d .venv ] || "$python" -m venv .venv || return 1
  say "installing Python packages into .venv (extra: $extra) / 正在把 Python 软件包装入 .venv(extra: $extra)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -e ".[$extra]" || return 1
  printf '%s' "$wanted" >"$stamp"
}

# ensure_pcsc : pyscard in .venv (compiled here where no wheel fits), and a pcscd with virtual readers.
ensure_pcsc() {
  local include packages=()
  if ! .venv/bin/python -c 'import smartcard.scard' 2>/dev/null; then
    include=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')
    command -v gcc >/dev/null || packages+=(gcc libc6-dev)
    [ -e "$include/Python.h" ] || packages+=(python3-dev)
    command -v swig >/dev/null || packages+=(swig)
    [ -e /usr/include/PCSC/winscard.h ] || packages+=(libpcsclite-dev)
    if [ "${#packages[@]}" -gt 0 ]; then apt_install "${packages[@]}" || return 1; fi
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -e ".[pcsc]" || return 1
  fi
  packages=()
  command -v pcscd >/dev/null || [ -x /usr/sbin/pcscd ] || packages+=(pcscd)
  [ -e /usr/lib/pcsc/drivers/serial/libifdvpcd.so ] || packages+=(vsmartcard-vpcd)
  command -v opensc-tool >/dev/null || packages+=(opensc)
  command -v pcsc_scan >/dev/null || packages+=(pcsc-tools)
  if [ "${#packages[@]}" -gt 0 ]; then apt_install "${packages[@]}" || return 1; fi
}
