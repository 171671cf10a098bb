# What the measurement needs: packages, and the clients in release builds.

# The commands needed, and the Debian packages that bring them.
needed=(nginx:nginx wrk:wrk gcc:gcc go:golang-go node:nodejs openssl:openssl curl:curl taskset:util-linux
    flock:util-linux script:bsdutils)

install_packages() {
    local as_root=() missing=() entry
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
    PATH=$PATH:/usr/sbin
    for entry in "${needed[@]}"; do
        command -v "${entry%%:*}" > /dev/null || missing+=("${entry#*:}")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        echo "installing ${missing[*]}" >&2
        export DEBIAN_FRONTEND=noninteractive
        "${as_root[@]}" apt-get update -qq
        "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
    fi
}

# Programs of the measurement go here; git ignores it.
programs=.build/side-by-side

build_clients() {
    mkdir -p "$programs"
    : "${pooltop:=$root/.build/release/pooltop}"
    execute_load=$root/.build/release/execute-load
    ahc_load=$root/$programs/ahc/release/ahc-load
    go_load=$root/$programs/go-load
    node_load=$root/Benchmarks/peers/node/load.js
    bare_load=$root/$programs/bare
    if [ "$build" = no ]; then return; fi
    if [ "$pooltop" = "$root/.build/release/pooltop" ]; then swift build -c release --product pooltop >&2; fi
    if wants peers; then
        gcc -O2 -o "$bare_load" Benchmarks/peers/bare/bare.c
        swift build -c release --product execute-load >&2
        # A package of its own: pooltop must not depend on the client that it is measured against.
        swift build -c release --package-path Benchmarks/peers/ahc --scratch-path "$programs/ahc" >&2
    fi
    if wants peers || wants off; then
        GO111MODULE=off go build -o "$programs/go-load" Benchmarks/peers/go/main.go
    fi
}

wants() {
    local mode
    for mode in "${modes[@]}"; do if [ "$mode" = "$1" ]; then return 0; fi; done
    return 1
}

describe_machine() {
    local cores
    cores=$(nproc)
    cat <<EOF
machine   $cores cores, Linux $(uname -r), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
server    $(nginx -v 2>&1 | sed 's/.*: //'), 1 worker on core 1, loopback, body of 13 bytes
peers     $(wrk -v 2>&1 | sed -n 's/^wrk \([^ ]*\).*/wrk \1/p'), $(go version | sed 's/^go version \([^ ]*\).*/\1/'), node $(node --version), \
async-http-client $(ahc_version)
clients   64 at a time on core 0, $rounds rounds A B A B …, load average $(cut -d ' ' -f 1-3 /proc/loadavg)
EOF
    if [ "$cores" -lt 2 ]; then echo "note      one core only: client and server disturb each other"; fi
}

ahc_version() {
    sed -n '/"async-http-client"/,/"version"/s/.*"version" : "\(.*\)".*/\1/p' Benchmarks/peers/ahc/Package.resolved \
        2> /dev/null || true
}
