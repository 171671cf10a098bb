# The servers: nginx for HTTP and HTTPS, and pooltop's own downstreams in a process of their own.

server_pids=()

stop_servers() {
    local pid
    for pid in "${server_pids[@]}"; do kill "$pid" 2> /dev/null || true; done
    for pid in "${server_pids[@]}"; do wait "$pid" 2> /dev/null || true; done
    server_pids=()
}

# A port below the ephemeral ones that nobody listens on.
free_port() {
    local port
    while true; do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then echo "$port"; return; fi
    done
}

server_core() { if [ "$(nproc)" -gt 1 ]; then echo 1; else echo 0; fi; }

# write_nginx_configuration WORKERS
write_nginx_configuration() {
    cat > "$work/nginx.conf" <<EOF
daemon off;
worker_processes $1;
worker_rlimit_nofile 20000;
pid $work/nginx.pid;
error_log $work/nginx.log crit;
events { worker_connections 19000; }
http {
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    default_type text/plain;
    server {
        listen 127.0.0.1:$http_port backlog=4096 reuseport;
        listen 127.0.0.1:$https_port ssl backlog=4096;
        ssl_certificate $work/certificate.pem;
        ssl_certificate_key $work/key.pem;
        location / { return 200 "hello, world\n"; }
        location /_status { stub_status; }
    }
}
EOF
}

# start_nginx WORKERS CORES: sets `http` and `https`.
start_nginx() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/certificate.pem" 2> /dev/null
    local attempt
    for attempt in 1 2 3 4 5; do
        http_port=$(free_port) https_port=$(free_port)
        write_nginx_configuration "$1"
        taskset -c "$2" nginx -c "$work/nginx.conf" 2> "$work/nginx.err" &
        server_pids+=($!)
        if answers "http://127.0.0.1:$http_port/"; then
            http=http://127.0.0.1:$http_port/ https=https://127.0.0.1:$https_port/
            return
        fi
    done
    cat "$work/nginx.err" >&2
    echo "side-by-side: nginx does not start" >&2
    exit 1
}

answers() {
    local attempt
    for attempt in $(seq 50); do
        if curl -fsS -o /dev/null "$1" 2> /dev/null; then return 0; fi
        sleep 0.1
    done
    return 1
}

# How many connections and requests nginx has taken so far: a witness that belongs to no client.
nginx_accepts() { curl -fsS "http://127.0.0.1:$http_port/_status" | awk 'NR == 3 { print $1 }'; }
nginx_requests() { curl -fsS "http://127.0.0.1:$http_port/_status" | awk 'NR == 3 { print $3 }'; }

# The bundled downstreams, for answers that take their time. Sets `catalog`.
start_downstreams() {
    taskset -c "$(server_core)" "$pooltop" downstreams --format json --seed 1 > "$work/downstreams.json" &
    server_pids+=($!)
    until [ -s "$work/downstreams.json" ]; do sleep 0.1; done
    catalog=http://$(grep -o '{[^{}]*"name":"catalog"[^{}]*}' "$work/downstreams.json" |
        sed 's/.*"address":"\([^"]*\)".*/\1/')
}
