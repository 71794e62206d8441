-- Up Migration

-- updated_at changes with every update, so its index kept each of three million updates a day from being heap-only. The
-- table has one row a symbol: reading all of it costs less. Half-empty pages leave room for the next version of a row.
drop index open_interest_latest_updated_at;
alter table open_interest_latest set (fillfactor = 50);

-- Down Migration
alter table open_interest_latest reset (fillfactor);
create index open_interest_latest_updated_at on open_interest_latest (updated_at);
