-- Caps of a shop's own making, send windows by segment, and urgency where an account's rate is scarce.

-- One counter of one person or address: which messages took its slots, and when. The gate reserves conditionally on
-- this row, so that two workers cannot both take the last slot; at most `most` entries count, so the row stays small.
create table cap_slot (
  shop_id integer not null,
  -- a customer or a contact
  holder uuid not null,
  -- the rule's name, what it counts by itself and, for a local day, the day: sms/orders@2026-11-22
  counter text not null,
  -- message id: instant
  taken jsonb not null default '{}',
  most smallint not null,
  -- entries up to here have left the window
  since bigint not null,
  touched_at bigint not null,
  primary key (shop_id, holder, counter)
) with (fillfactor = 70);

-- What the shop calls the buyer's kind of day: office, student, …
alter table customer add column segment text;

-- 0 is most urgent. Only where the channel's account has a rate: elsewhere nothing waits for its turn, and null keeps
-- the row out of the index.
alter table message_work add column priority smallint;
create index message_work_priority on message_work (shop_id, channel, priority, due_at) where priority is not null;
