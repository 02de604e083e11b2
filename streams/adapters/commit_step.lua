-- Store one step of one partition, whole or not at all.
-- KEYS: position (hash), state (hash: technician -> JSON), index (sorted set, all scores 0)
-- ARGV: expected position ('' for none), new position, writer, partition state,
--       technicians, their states, index members gone, index members come (each a text of lines)
-- Answers 1: stored, or stored before by this very writer; 0: another writer has moved the position.

-- What can fail (a wrong type, no permission to read) fails here: Redis does not take writes back.
local stored = redis.call('HMGET', KEYS[1], 'position', 'writer')
redis.call('HLEN', KEYS[2])
redis.call('ZCARD', KEYS[3])

if (stored[1] or '') ~= ARGV[1] then
  return (stored[1] == ARGV[2] and stored[2] == ARGV[3]) and 1 or 0
end

local find, sub = string.find, string.sub

-- Puts the lines of a text into places first, first + stride, ... of a list.
local function lines_into(list, text, first, stride)
  local from, place = 1, first
  local till = find(text, '\n', from, true)
  while till do
    list[place] = sub(text, from, till - 1)
    from, place = till + 1, place + stride
    till = find(text, '\n', from, true)
  end
end

-- Lua's stack takes a few thousand values at a time; slices are even, so pairs stay together.
local function call_in_slices(command, key, list)
  for from = 1, #list, 4000 do
    redis.call(command, key, unpack(list, from, math.min(from + 3999, #list)))
  end
end

local states = {}
lines_into(states, ARGV[5], 1, 2)
lines_into(states, ARGV[6], 2, 2)
call_in_slices('HSET', KEYS[2], states)

local gone, come, scored = {}, {}, {}
lines_into(gone, ARGV[7], 1, 1)
call_in_slices('ZREM', KEYS[3], gone)
lines_into(come, ARGV[8], 1, 1)
for place, member in ipairs(come) do
  scored[2 * place - 1], scored[2 * place] = '0', member
end
call_in_slices('ZADD', KEYS[3], scored)

redis.call('HSET', KEYS[1], 'position', ARGV[2], 'writer', ARGV[3], 'partition_state', ARGV[4])
return 1
