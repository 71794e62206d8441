-- Up Migration

-- What the evaluating node reports with each renewal of its lease, for doctor on any node. evaluated_at: when it last
-- evaluated a window; failing_since, last_error: evaluation fails since, and why; left_out: rows that it could not keep
-- until their evaluation, the last of them at left_out_at.
alter table alert_evaluator
  add column evaluated_at  timestamptz,
  add column failing_since timestamptz,
  add column last_error    text,
  add column left_out      bigint not null default 0,
  add column left_out_at   timestamptz;

-- Down Migration
alter table alert_evaluator
  drop column evaluated_at,
  drop column failing_since,
  drop column last_error,
  drop column left_out,
  drop column left_out_at;
