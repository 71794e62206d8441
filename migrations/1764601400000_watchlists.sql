-- Up Migration

-- The watchlists of a user, one row a user, as in saved_views. `lists` is what src/openInterest/views/watchlists.types.ts
-- describes: at most 20 lists of at most 500 symbols.
create table watchlists (
  user_id    text        primary key,
  lists      jsonb       not null,
  version    integer     not null default 1,
  updated_at timestamptz not null default now()
);

-- Down Migration
drop table watchlists;
