# What is measured. Each mode prints its own table.

mode_wrk() {
    local count=$((requests * 5)) seconds
    echo "== wrk: HTTP keep-alive on, $count exchanges a round"
    seconds=$(wrk_seconds "$count" "$http")
    round_wrk() {
        run_wrk wrk "$1" "$seconds" "$http"
        run_pooltop wrk pooltop "$1" "$count" "$http"
    }
    alternate round_wrk
    figures wrk
    ratio wrk pooltop wrk le 0.95 ' (must not pass 1.1)'
}

# wrk and a bare loop of system calls are there for scale: less than that cannot be done.
mode_peers() {
    local seconds
    seconds=$(wrk_seconds "$requests" "$http")
    echo "== peers: HTTP keep-alive on, $requests exchanges a round"
    round_peers() {
        run_client peers bare "$1" "$requests" "$bare_load" "$http_port" "$requests" 64
        run_wrk peers "$1" "$seconds" "$http"
        run_pooltop peers pooltop "$1" "$requests" "$http"
        run_client peers execute "$1" "$requests" "$execute_load" "$http" "$requests" 64
        run_client peers go "$1" "$requests" env GOMAXPROCS=1 "$go_load" "$http" "$requests" 64 on
        run_client peers async-http-client "$1" "$requests" "$ahc_load" "$http" "$requests" 64
        run_client peers node "$1" "$requests" node "$node_load" "$http" "$requests" 64 on
    }
    alternate round_peers
    figures peers
    ratio peers async-http-client pooltop ge 7
    ratio peers node pooltop ge 9
    ratio peers go pooltop ge 3
    ratio peers execute pooltop le 2.5
    ratio peers async-http-client execute ge 3
    ratio peers async-http-client bare
    ratio peers node bare
    ratio peers go bare
    ratio peers async-http-client wrk
    ratio peers node wrk
    ratio peers go wrk
}

# opening COUNT COMMAND …: fails where the command opened fewer connections than that.
opening() {
    local before opened
    before=$(nginx_accepts)
    "${@:2}"
    opened=$(($(nginx_accepts) - before))
    if [ "$opened" -lt "$1" ]; then
        echo "side-by-side: $4 opened $opened connections for $1 exchanges" >&2
        exit 1
    fi
}

# Under 28,232 connections a round: the ephemeral ports of one address pair.
mode_off() {
    local count=$((requests / 10))
    if [ "$count" -gt 25000 ]; then count=25000; fi
    echo "== off: HTTP keep-alive off, a new connection for each of $count exchanges a round"
    round_off() {
        opening "$count" run_pooltop off pooltop "$1" "$count" --keep-alive off "$http"
        opening "$count" run_client off go "$1" "$count" env GOMAXPROCS=1 "$go_load" "$http" "$count" 64 off
        opening "$count" run_client off node "$1" "$count" node "$node_load" "$http" "$count" 64 off
    }
    alternate round_off
    figures off
    ratio off pooltop go le 1.0
    ratio off node pooltop
}

mode_tls() {
    echo "== tls: HTTPS and HTTP, HTTP keep-alive on, $requests exchanges a round"
    round_tls() {
        run_pooltop tls https "$1" "$requests" --insecure "$https"
        run_pooltop tls http "$1" "$requests" "$http"
    }
    alternate round_tls
    figures tls
    ratio tls https http le 2.0
}
