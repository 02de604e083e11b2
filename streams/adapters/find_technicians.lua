-- The states of the technicians whose index members lie in given ranges, at one moment.
-- KEYS: state, index. ARGV: pairs of lower and upper bounds as ZRANGEBYLEX takes them.
-- Answers one JSON list. A member ends with the technician, after the last separator.
local technicians, states = {}, {}
for bound = 1, #ARGV, 2 do
  for _, member in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], ARGV[bound], ARGV[bound + 1])) do
    technicians[#technicians + 1] = string.match(member, '^.*\31(.*)$')
  end
end
-- Lua's stack takes a few thousand values at a time.
for from = 1, #technicians, 4000 do
  local till = math.min(from + 3999, #technicians)
  for _, state in ipairs(redis.call('HMGET', KEYS[1], unpack(technicians, from, till))) do
    if state then
      states[#states + 1] = state
    end
  end
end
return '[' .. table.concat(states, ',') .. ']'
