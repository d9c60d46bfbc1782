
-- The rest is the same for every job: a key of its own for each request, and one line of figures at the end.
local threads, sent = {}, 0
used_up = false

function setup(thread)
  thread:set("thread", #threads)
  table.insert(threads, thread)
end

function init()
  math.randomseed(os.time() * 2 + thread)
end

function request()
  local path = target(1 + thread + 2 * sent)
  sent = sent + 1
  if not path then
    used_up = true
    wrk.thread:stop()
    return wrk.format("GET", "/healthz")
  end
  if method == "POST" then
    wrk.headers["Idempotency-Key"] =
      ("%08x%08x-%d-%d"):format(math.random(0, 4294967295), math.random(0, 4294967295), thread, sent)
  end
  return wrk.format(method, path, nil, body)
end

function done(summary, latency)
  local errors, stopped = summary.errors, 0
  for _, thread in ipairs(threads) do
    if thread:get("used_up") then stopped = 1 end
  end
  io.write(("figures %d %d %d %d %d %d\n"):format(
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, stopped))
end
