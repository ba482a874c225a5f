-- The result of a run of wrk as one line of JSON, the last that it prints.

function done(summary, latency, requests)
    io.write(string.format(
        '{"requests": %d, "micros": %d, "p50": %d, "p99": %d, ' ..
        '"refused": %d, "connect": %d, "read": %d, "write": %d, ' ..
        '"timeout": %d}\n',
        summary.requests, summary.duration, latency:percentile(50),
        latency:percentile(99), summary.errors.status,
        summary.errors.connect, summary.errors.read, summary.errors.write,
        summary.errors.timeout))
end
