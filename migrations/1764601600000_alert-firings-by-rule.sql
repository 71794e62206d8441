-- Up Migration

-- When a rule last fired, and what it fired: without it each listing of rules reads every firing of each of them.
create index alert_firings_rule_id on alert_firings (rule_id, fired_at desc, id desc);

-- Down Migration
drop index alert_firings_rule_id;
