-- Up Migration

-- The end of a payload. TOAST stores a payload in chunks of 1,996 bytes, four to a page; a short second chunk leaves the rest
-- of its page empty. What exceeds whole chunks is therefore stored in the row where it is short
-- (src/openInterest/history/upsertHours.repository.ts). null: the payload is complete, as in every block written before.
alter table open_interest_hours add column tail bytea;
alter table open_interest_hours alter column tail set storage plain;

-- Down Migration
update open_interest_hours set payload = payload || tail where tail is not null;
alter table open_interest_hours drop column tail;
