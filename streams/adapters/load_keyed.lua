-- All that is stored of one partition, at one moment, with the names of its states.
-- KEYS: position, state. Answers the position, the partition state, and the pairs of name and state.
local stored = redis.call('HMGET', KEYS[1], 'position', 'partition_state')
return { stored[1], stored[2], redis.call('HGETALL', KEYS[2]) }
