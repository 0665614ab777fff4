-- Questions to outside systems about orders whose payment nobody speaks about, and what is done about failures that
-- are no fault of the buyer's. One row an order, connection and clock; a row that is due is the work item. Few updates
-- each (about six), so the log of answers is kept in the row.
create table inquiry (
  shop_id integer not null,
  order_id uuid not null,
  connection_id uuid not null,
  -- unpaid: begun and never decided; platform: failed for no fault of the buyer's; unknown: only to be asked about
  kind text not null,
  -- the clock's zero: when the payment began, or failed
  started_at bigint not null,
  -- null: ended
  due_at bigint,
  asks smallint not null default 0,
  asked_at bigint,
  answer text,
  again_at bigint,
  -- the failed payment that is being healed
  payment text,
  -- our one try, written down before it is made
  act_at bigint,
  act_by text,
  act_outcome text,
  act_code text,
  concluded_at bigint,
  -- why it ended
  outcome text,
  fence integer not null default 0,
  lease_until timestamptz,
  -- [[at, what, code], …]: for people
  log jsonb not null default '[]',
  primary key (shop_id, order_id, connection_id, kind)
) with (fillfactor = 70);
create index inquiry_due on inquiry (shop_id, due_at) where due_at is not null;

-- A connection whose questions only a person can set right: they wait.
alter table connection add column asks_paused_at bigint;
alter table connection add column asks_paused_why text;
