# One measured run of one client. Figures go to $work/figures as lines: mode client round microseconds-per-exchange.

# Runs a command on core 0 and leaves its user and system seconds in `cpu`, its output in $work/out.
timed() {
    local TIMEFORMAT='%U %S'
    { time taskset -c 0 "$@" > "$work/out" 2> "$work/err"; } 2> "$work/time" || {
        echo "side-by-side: failed: $*" >&2
        cat "$work/err" "$work/out" >&2
        exit 1
    }
    cpu=$(tail -n 1 "$work/time" | tr , .)
}

# record MODE CLIENT ROUND COUNT: puts the last run's CPU time per exchange down.
record() {
    awk -v key="$1 $2 $3" -v cpu="$cpu" -v count="$4" \
        'BEGIN { split(cpu, t, " "); printf "%s %.4f\n", key, (t[1] + t[2]) * 1e6 / count }' >> "$work/figures"
}

# Fails where a client did not get all of its answers: a cheap failure is no cheap exchange.
must_be() {
    if [ "$1" != "$2" ]; then
        echo "side-by-side: $3: $1 whole responses with status 200, not $2" >&2
        cat "$work/err" >&2
        exit 1
    fi
}

# run_pooltop MODE CLIENT ROUND COUNT [OPTION …] URL
run_pooltop() {
    local mode=$1 client=$2 round=$3 count=$4
    shift 4
    timed "$pooltop" run --concurrency 64 --requests "$count" --format json "${@:1:$#-1}" --target "${!#}"
    must_be "$(grep -m 1 -o '"200": *[0-9]*' "$work/out" | grep -o '[0-9]*$')" "$count" "$client"
    record "$mode" "$client" "$round" "$count"
}

# run_client MODE CLIENT ROUND COUNT COMMAND …: a client that prints how many exchanges went well.
run_client() {
    local mode=$1 client=$2 round=$3 count=$4
    shift 4
    timed "$@"
    must_be "$(tail -n 1 "$work/out")" "$count" "$client"
    record "$mode" "$client" "$round" "$count"
}

# run_wrk MODE ROUND SECONDS URL. wrk stops by the clock only, so it is given about the time that it needs for as many
# exchanges as the others make, and its CPU time is divided by the exchanges that it counts itself.
run_wrk() {
    timed wrk -t1 -c64 -d"$3s" "$4"
    if grep -qE 'Socket errors|Non-2xx' "$work/out"; then cat "$work/out" >&2; exit 1; fi
    record "$1" wrk "$2" "$(awk '/requests in/ { print $1 }' "$work/out")"
}

# Seconds in which wrk makes about COUNT exchanges.
wrk_seconds() {
    timed wrk -t1 -c64 -d1s "$2"
    awk -v count="$1" '/^Requests\/sec/ { n = int(count / $2 + 0.5); print n < 1 ? 1 : n }' "$work/out"
}

# alternate FUNCTION: every round of it, with the machine to itself where that was asked for.
alternate() {
    local round
    for round in $(seq "$rounds"); do
        lock
        "$1" "$round"
        unlock
        printf '.' >&2
    done
    printf '\n' >&2
}

# In the background, since a signal would have to wait for a command in the foreground.
lock() {
    if [ -z "$exclusive" ]; then return; fi
    exec 9> "$exclusive"
    flock 9 &
    wait $!
}

unlock() { if [ -n "$exclusive" ]; then exec 9>&-; fi; }
