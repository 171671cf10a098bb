# Modes that watch one running pooltop: its memory, its throughput with and without a screen, its loops.

# The resident memory of a process in KiB; nothing once it has ended.
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status" 2> /dev/null || true; }

# last_figure NAME: that field's value in the newest line of pooltop's ndjson, of its last host. While it runs a line counts
# what happened in its interval; the last line of all is the summary.
last_figure() { tail -n 2 "$work/lines" | grep -o "\"$1\":[0-9]*" | tail -n 1 | grep -o '[0-9]*$' || echo 0; }

# start_run OPTION …: a headless pooltop on core 0 in the background; its pid in `watched`, a line a second in $work/lines.
start_run() {
    : > "$work/lines"
    taskset -c 0 "$pooltop" run --format ndjson --interval 1s "$@" > "$work/lines" 2> "$work/err" &
    watched=$!
    server_pids+=("$watched")
}

still_runs() {
    if kill -0 "$watched" 2> /dev/null; then return 0; fi
    return 1
}

end_run() {
    kill -TERM "$watched" 2> /dev/null || true
    wait "$watched" 2> /dev/null || true
}

mode_memory() {
    local sockets=18000 delay=30 before after idle
    if [ "$quick" = yes ]; then sockets=2000 delay=5; fi
    echo "== memory: $sockets idle connections that have carried an exchange, to a server in a process of its own"
    if [ -z "${catalog:-}" ]; then start_downstreams; fi
    lock
    # Answers take so long that every connection is needed at once; then a single request at a time goes on.
    start_run --target "$catalog/delay/${delay}s" --concurrency 1 --duration 300s --at "3s:concurrency=$sockets" \
        --at 5s:concurrency=1 --max-sockets 20000 --max-total-sockets 20000 --max-free-sockets 20000 \
        --idle-timeout none --timeout 120s --set maxDialsPerHost=1000 --set queueLimit=20000
    sleep 2
    before=$(resident "$watched")
    wait_for_rest "$sockets" $((delay + 90))
    idle=$(last_figure idle) after=$(resident "$watched")
    if [ "$idle" -lt $((sockets / 2)) ]; then
        cat "$work/err" >&2
        echo "side-by-side: only $idle connections were opened" >&2
        exit 1
    fi
    echo "resident: $before KiB with one connection, $after KiB with $idle idle ones"
    verdict 'memory per idle connection' \
        "$(awk -v a="$after" -v b="$before" -v n="$idle" 'BEGIN { print (a - b) / n }')" KiB le 8
    end_run
    unlock
    echo "failed requests: $(last_figure failed)"
}

# wait_for_rest SOCKETS SECONDS: until as many connections are idle, all but the one in use, or the time is over.
wait_for_rest() {
    local end=$((SECONDS + $2))
    while [ "$(last_figure idle)" -lt $(($1 - 1)) ] && [ "$SECONDS" -lt "$end" ] && still_runs; do sleep 1; done
    sleep 2
}

mode_growth() {
    local count=10000000 tenth=0 last='' now from
    if [ "$quick" = yes ]; then count=300000; fi
    echo "== growth: $count exchanges in one run"
    lock
    from=$(nginx_requests)
    start_run --target "$http" --concurrency 64 --requests "$count"
    while still_runs; do
        now=$(resident "$watched")
        if [ -n "$now" ]; then last=$now; fi
        if [ "$tenth" -eq 0 ] && [ $(($(nginx_requests) - from)) -ge $((count / 10)) ]; then tenth=$last; fi
        sleep 0.5
    done
    wait "$watched" || true
    unlock
    must_be "$(last_figure succeeded)" "$count" growth
    echo "resident: $tenth KiB after a tenth, $last KiB at the end"
    if [ "$tenth" -eq 0 ]; then echo 'it ended before a first figure could be taken'; return; fi
    verdict 'memory at the end ÷ after a tenth' \
        "$(awk -v a="$last" -v b="$tenth" 'BEGIN { print a / b }')" '' le 1.01
}

# served SECONDS: exchanges a second that nginx counts, in `rate`.
served() {
    local from to start end
    from=$(nginx_requests) start=$EPOCHREALTIME
    sleep "$1"
    to=$(nginx_requests) end=$EPOCHREALTIME
    rate=$(awk -v a="$from" -v b="$to" -v s="$start" -v e="$end" 'BEGIN { print (b - a) / (e - s) }')
}

# The screen in a terminal of 120 × 40 that throws its input away on the server's core.
start_screen() {
    local command="stty cols 120 rows 40; echo \$\$ > $work/screen.pid
        exec taskset -c 0 $pooltop --concurrency 64 --target $http"
    rm -f "$work/screen.pid"
    # script ends what it runs when its input ends: an input that stays open for as long as this run.
    TERM=xterm-256color taskset -c "$(server_core)" \
        script -qfc "$command" "$work/typescript" <> "$work/keys" > /dev/null 2>&1 &
    server_pids+=($!)
    until [ -s "$work/screen.pid" ]; do sleep 0.1; done
    watched=$(cat "$work/screen.pid")
}

# picture_sizes FILE FROM: the bytes of each picture from that byte of a terminal's output on. Each begins with the mark
# of a synchronised update; the last may be cut.
picture_sizes() {
    tail -c "+$(($2 + 1))" "$1" | LC_ALL=C awk '
        BEGIN { RS = "\033\\[\\?2026h" }
        NR > 2 { print held }
        { held = length($0) + 8 }'
}

mode_monitor() {
    local seconds=8 from
    if [ "$quick" = yes ]; then seconds=2; fi
    echo "== monitor: exchanges a second that nginx counts, with the screen at 10 pictures a second and without"
    : > "$work/sizes"
    mkfifo "$work/keys"
    # The order changes from round to round: what comes first finds the machine in another state.
    round_monitor() {
        if [ $(($1 % 2)) -eq 1 ]; then without_screen "$1"; fi
        with_screen "$1"
        if [ $(($1 % 2)) -eq 0 ]; then without_screen "$1"; fi
    }
    without_screen() {
        start_run --target "$http" --concurrency 64 --duration 600s
        sleep 2
        served "$seconds"
        end_run
        echo "monitor headless $1 $rate" >> "$work/figures"
    }
    with_screen() {
        start_screen
        sleep 2
        from=$(stat -c %s "$work/typescript")
        served "$seconds"
        end_run
        picture_sizes "$work/typescript" "$from" | head -n -3 >> "$work/sizes"
        echo "monitor screen $1 $rate" >> "$work/figures"
    }
    alternate round_monitor
    rates monitor
    ratio monitor screen headless ge 0.99
    if [ ! -s "$work/sizes" ]; then echo 'too short a time to count the bytes of pictures'; return; fi
    verdict 'bytes to the terminal per picture, on average' \
        "$(awk '{ sum += $1 } END { print sum / NR }' "$work/sizes")" B le 2048
    echo "the largest of $(wc -l < "$work/sizes") pictures: $(sort -n "$work/sizes" | tail -n 1) B"
}

# per_second NAME ROUND CORES OPTION …: exchanges a second of a closed loop on those cores.
per_second() {
    taskset -c "$3" "$pooltop" run --concurrency 64 --format json --duration "${seconds}s" "${@:4}" > "$work/out"
    echo "loops $1 $2 $(grep -m 1 -o '"perSecond": *[0-9.]*' "$work/out" | grep -o '[0-9.]*$')" >> "$work/figures"
}

mode_loops() {
    local seconds=5 client=0,2 half_client=0,2 server=1,3 half_server=1,3 half whole
    if [ "$quick" = yes ]; then seconds=1; fi
    echo "== loops: exchanges a second of one and of two event loops"
    if [ "$(nproc)" -lt 4 ]; then
        echo "Two cores: one loop and one worker of the server share a core, two of each share both."
        client=0,1 half_client=0 server=0,1 half_server=0
    fi
    start_nginx 1 "$half_server"
    half=$http
    start_nginx 2 "$server"
    whole=$http
    round_loops() {
        per_second one-loop "$1" "$half_client" --loops 1 --target "$half"
        per_second two-loops "$1" "$client" --loops 2 --target "$whole"
    }
    alternate round_loops
    rates loops
    ratio loops two-loops one-loop ge 1.8
}
