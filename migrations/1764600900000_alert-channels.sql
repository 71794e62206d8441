-- Up Migration

-- Where a user's alerts are sent. Written by /api/alert-channels and by the sender, which records failures and switches a
-- channel off. `secrets` is encrypted (src/openInterest/delivery/secretBox.ts); `hint` is the last four characters of
-- the secret. A node that sends the deliveries of a channel leases it, so one channel has one sender at a time.
create table alert_channels (
  id            uuid        primary key default gen_random_uuid(),
  user_id       text        not null,
  name          text        not null,
  kind          text        not null check (kind in ('webhook', 'telegram', 'discord', 'slack', 'webpush')),
  -- Recognisable and not secret: a host, a chat.
  receiver      text        not null,
  secrets       bytea       not null,
  hint          text        not null,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  -- Set: switched off, by the user or by the sender, and why.
  off_at        timestamptz,
  off_reason    text,
  -- Since the last success.
  failures      integer     not null default 0,
  failing_since timestamptz,
  last_error    text,
  -- The receiver gets nothing before this time.
  retry_at      timestamptz,
  leased_by     uuid,
  leased_until  timestamptz
);

create index alert_channels_user on alert_channels (user_id);

-- The outbox and the ledger: one row a firing and channel, inserted in the transaction of the firing. `id` is what a
-- receiver uses to drop repeats, so it stays the same over all attempts.
create table alert_deliveries (
  id              uuid        primary key default gen_random_uuid(),
  channel_id      uuid        not null references alert_channels on delete cascade,
  user_id         text        not null,
  firing_id       uuid        not null,
  firing          jsonb       not null,
  test            boolean     not null default false,
  status          text        not null default 'waiting'
    check (status in ('waiting', 'delivered', 'failed', 'cancelled')),
  attempts        integer     not null default 0,
  created_at      timestamptz not null default now(),
  next_attempt_at timestamptz not null default now(),
  finished_at     timestamptz,
  response_status integer,
  response_text   text,
  error           text,
  unique (channel_id, firing_id)
);

create index alert_deliveries_waiting on alert_deliveries (channel_id, next_attempt_at) where status = 'waiting';
create index alert_deliveries_ledger on alert_deliveries (user_id, created_at desc, id desc);
create index alert_deliveries_oldest on alert_deliveries (created_at) where status = 'waiting';
create index alert_deliveries_finished on alert_deliveries (created_at) where status <> 'waiting';

-- Down Migration
drop table alert_deliveries;
drop table alert_channels;
