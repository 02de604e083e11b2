-- All that is stored of one partition, at one moment.
-- KEYS: position, state. Answers the position, the partition state, and the technicians' states as one JSON list.
local stored = redis.call('HMGET', KEYS[1], 'position', 'partition_state')
return { stored[1], stored[2], '[' .. table.concat(redis.call('HVALS', KEYS[2]), ',') .. ']' }
