-- Keys in turns, if wrk is given a file of them: FILE FIRST. And the result of
-- a run as one line of JSON, the last that is printed.

local function with_keys(file, first)
    local keys = {}
    for line in io.lines(file) do
        keys[#keys + 1] = line
    end
    wrk.headers["Authorization"] = "Bearer KEY"
    local before, after = wrk.format():match("^(.*)KEY(.*)$")
    local at = tonumber(first)
    return function()
        at = at % #keys + 1
        return before .. keys[at] .. after
    end
end

function init(arguments)
    if arguments[1] then
        request = with_keys(arguments[1], arguments[2])
    end
end

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
