# Tables out of $work/figures.

# figures MODE: each client's median and range.
figures() {
    printf '\n%-26s %10s   %s\n' 'CPU per exchange' median range
    awk -v mode="$1" '
        $1 == mode { if (!($2 in count)) order[++clients] = $2; value[$2, ++count[$2]] = $4 }
        END {
            for (i = 1; i <= clients; i++) {
                name = order[i]; n = count[name]
                for (j = 1; j <= n; j++) sorted[j] = value[name, j]
                sort(sorted, n)
                printf "%-26s %7.2f us   %.2f – %.2f\n", name, middle(sorted, n), sorted[1], sorted[n]
            }
        }'"$statistics" "$work/figures"
    ratio_heading
}

# rates MODE: exchanges a second, a line for each round.
rates() {
    awk -v mode="$1" '
        $1 == mode { printf "%s%s %.0f", $3 == round ? ", " : "\n", $2, $4; round = $3 }
        END { print "" }' "$work/figures"
    ratio_heading
}

ratio_heading() { printf '\n%-34s %8s   %-17s %s\n' 'pair by pair' median range goal; }

# ratio MODE OVER UNDER [SIGN GOAL [ALSO]]: OVER ÷ UNDER in each round, beside the goal where there is one (SIGN: le, ge).
ratio() {
    awk -v mode="$1" -v over="$2" -v under="$3" -v sign="${4:-}" -v goal="${5:-}" -v also="${6:-}" '
        $1 == mode && $2 == over { a[$3] = $4 }
        $1 == mode && $2 == under { b[$3] = $4 }
        END {
            for (round in a) if (round in b) sorted[++n] = a[round] / b[round]
            sort(sorted, n)
            m = middle(sorted, n)
            printf "%-34s %8.3f   %-17s", over " ÷ " under, m, sprintf("%.3f – %.3f", sorted[1], sorted[n])
            if (sign == "") print " (for scale)"
            else printf " %s %s%s: %s\n", sign == "le" ? "≤" : "≥", goal, also,
                (sign == "le" ? m <= goal : m >= goal) ? "within" : "NOT within"
        }'"$statistics" "$work/figures"
}

# verdict TEXT VALUE UNIT SIGN GOAL: one figure beside its goal.
verdict() {
    awk -v text="$1" -v value="$2" -v unit="$3" -v sign="$4" -v goal="$5" 'BEGIN {
        within = sign == "le" ? value <= goal : value >= goal
        printf "%-52s %10.3f %-6s %s %s: %s\n", text, value, unit, sign == "le" ? "≤" : "≥", goal,
            within ? "within" : "NOT within"
    }'
}

statistics='
    function sort(list, n,   i, j, held) {
        for (i = 2; i <= n; i++) {
            held = list[i]
            for (j = i - 1; j >= 1 && list[j] > held; j--) list[j + 1] = list[j]
            list[j + 1] = held
        }
    }
    function middle(list, n) { return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }'
