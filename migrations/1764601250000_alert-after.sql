-- Up Migration

-- What followed: the changes of contracts and price from the alert's own sample to 5, 15 and 60 minutes later, as an array
-- that grows with each (src/openInterest/alerts/after.types.ts). The indexes hold the rows that still wait for one.
alter table open_interest_alerts add column after jsonb not null default '[]';
alter table alert_firings add column after jsonb not null default '[]';

create index open_interest_alerts_after on open_interest_alerts (ts) where jsonb_array_length(after) < 3;
create index alert_firings_after on alert_firings (fired_at) where jsonb_array_length(after) < 3;

-- Down Migration
drop index alert_firings_after;
drop index open_interest_alerts_after;
alter table alert_firings drop column after;
alter table open_interest_alerts drop column after;
