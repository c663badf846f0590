-- What shops put into Redis to sell without overselling: seen before, stock left, take it, remember
-- the hold under its key. KEYS: stock, holds. ARGV: key, buyer, units. Answers "held SEQ" or
-- "sold_out".
local before = redis.call('HGET', KEYS[2], ARGV[1])
if before then
    return 'held ' .. before
end
local left = tonumber(redis.call('GET', KEYS[1]) or '0')
if left < tonumber(ARGV[3]) then
    return 'sold_out'
end
left = redis.call('DECRBY', KEYS[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], left .. ' ' .. ARGV[2])
return 'held ' .. left
