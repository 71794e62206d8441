-- Up Migration

-- Why the evaluation switched a rule off; null: its user did, or it is on.
alter table alert_rules add column off_reason text;

-- Down Migration
alter table alert_rules drop column off_reason;
