"""arrivals.py TIMES poisson|constant RATE: one figure for the gaps between times in nanoseconds, after the first second.

For Poisson arrivals the Kolmogorov-Smirnov distance between the gaps and the exponential distribution of that rate; for
constant ones the deviation from the period, in microseconds, that 90 % of the gaps keep."""
import math
import sys

path, arrivals, rate = sys.argv[1], sys.argv[2], float(sys.argv[3])
times = sorted(int(line) for line in open(path))
times = [time for time in times if time > times[0] + 1_000_000_000]
gaps = sorted((b - a) / 1e9 for a, b in zip(times, times[1:]))
count = len(gaps)
if count < 100:
    sys.exit("arrivals: too few requests arrived")
if arrivals == "poisson":
    expected = [1 - math.exp(-gap * rate) for gap in gaps]
    print(max(max(abs(e - i / count), abs(e - (i + 1) / count)) for i, e in enumerate(expected)))
else:
    deviations = sorted(abs(gap - 1 / rate) * 1e6 for gap in gaps)
    print(deviations[int(0.9 * count)])
