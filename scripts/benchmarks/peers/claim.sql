-- One claim for pgbench: one statement, so one transaction and one round trip. PostgreSQL must be
-- able to read it.
\set buyer random(1, 1000000)
WITH taken AS (
    UPDATE stock SET available = available - 1 WHERE sku = 'HOT' AND available > 0 RETURNING sku
)
INSERT INTO hold(sku, key, buyer) SELECT sku, gen_random_uuid()::text, :buyer FROM taken;
