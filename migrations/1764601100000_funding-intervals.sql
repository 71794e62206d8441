-- Up Migration

-- Hours between two fundings of a symbol, as the universe job reports them; null: not reported. Rates of different intervals
-- can only be compared with it.
alter table open_interest_liquid_symbols add column funding_interval_hours smallint;

-- Down Migration
alter table open_interest_liquid_symbols drop column funding_interval_hours;
