# Installs Debian's packages for the commands that a machine lacks; to be sourced.
#
#     need COMMAND PACKAGE...     notes the packages when there is no such command
#     need_python                 the same for Python and its venv
#     need_servers                the same for networks of one's own and what serves there
#     install_missing             installs what was noted, or says what to install

# Where Debian keeps servers; not every user's path has it.
PATH="$PATH:/usr/sbin:/sbin"
missing=()

need() {
    command -v "$1" > /dev/null || missing+=("${@:2}")
}

need_python() {
    python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3 python3-venv)
}

need_servers() {
    need ip iproute2
    need unshare util-linux
    need openssl openssl
    need nginx nginx-light
    [ -e /usr/lib/nginx/modules/ngx_http_echo_module.so ] || missing+=(libnginx-mod-http-echo)
    need dnsmasq dnsmasq-base
}

install_missing() {
    ((${#missing[@]})) || return 0
    echo "installing: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo > /dev/null || { echo "please install: ${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    command -v apt-get > /dev/null || { echo "please install: ${missing[*]}" >&2; exit 1; }
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    # Debian starts a web server as soon as it is installed; nobody asked for that.
    if [[ " ${missing[*]} " == *" nginx-light "* && -d /run/systemd/system ]]; then
        "${as_root[@]}" systemctl disable --now --quiet nginx
    fi
    missing=()
}
