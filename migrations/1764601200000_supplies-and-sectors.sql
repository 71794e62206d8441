-- Up Migration

-- Circulating supply in contracts, and when the exchange was asked for it (null: never), for open interest over market cap. Sectors
-- are the exchange's tags of what a contract is on; null: not reported.
alter table open_interest_liquid_symbols
  add column circulating_supply double precision,
  add column circulating_supply_at timestamptz,
  add column sectors text[];

-- Down Migration
alter table open_interest_liquid_symbols
  drop column circulating_supply,
  drop column circulating_supply_at,
  drop column sectors;
