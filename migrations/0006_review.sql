-- What looks wrong about an order, who must look at it, and what they decided.

-- Rules are definitions like flows: texts by content, versions kept, parameters inside the text.
create table rule (
  shop_id integer not null,
  key text not null,
  version integer not null,
  enabled boolean not null,
  updated_at bigint not null,
  primary key (shop_id, key)
);

create table rule_version (
  shop_id integer not null,
  key text not null,
  version integer not null,
  definition_hash bytea not null,
  created_at bigint not null,
  created_by text not null,
  primary key (shop_id, key, version)
);

-- What one rule has seen under one key (an address, a buyer, a card: only their keyed hash) within its window.
-- At most 64 things a row, and one row a key: a look at the window is one row, never a count.
create table rule_window (
  shop_id integer not null,
  key bytea not null,
  -- the orders or payments seen, each once; the order each belongs to; when; whether it keeps a streak going
  items uuid[] not null,
  orders uuid[] not null,
  ats bigint[] not null,
  marks boolean[] not null,
  expires_at bigint not null,
  primary key (shop_id, key)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

create table review (
  shop_id integer not null,
  id uuid not null,
  order_id uuid not null,
  rule text not null,
  rule_version integer not null,
  -- a rule that may ask again about one order (five more failures) counts on
  iteration integer not null,
  -- flag: somebody is told; hold: somebody must decide, and reminders wait
  action text not null,
  severity text not null,
  -- who is told first and, at each time-out, next; the same people may decide
  roles text[] not null,
  level smallint not null default 0,
  -- how often it was put to somebody else
  escalations integer not null default 0,
  state text not null default 'open',
  opened_at bigint not null,
  -- when nobody has answered by then it goes to the next role
  due_at bigint,
  answer_within bigint not null,
  -- facts about the order that leave nothing to decide
  ends_when text[] not null,
  -- the shop's system is asked to hold the order meanwhile
  holds_shop boolean not null,
  tells_buyer boolean not null,
  decided_at bigint,
  decided_by text,
  -- sealed
  note bytea,
  -- sealed: what the rule saw
  evidence bytea not null,
  primary key (shop_id, id)
) with (fillfactor = 85);
-- A rule opens one review an order and iteration, whoever applies the events.
create unique index review_once on review (shop_id, order_id, rule, iteration);
create index review_due on review (shop_id, due_at) where due_at is not null;
create index review_waiting on review (shop_id, id) where state in ('open', 'escalated');

-- Read by the gate with the order itself; written by whoever opens, decides or ends a review, under the order's lock.
alter table orders add column held_by_review boolean not null default false;

-- The one-time code that logs a member in: at most one alive a person.
create table member_code (
  shop_id integer not null,
  member_id uuid not null,
  code_hash bytea,
  tries smallint not null default 0,
  sent bigint[] not null default '{}',
  expires_at bigint not null default 0,
  primary key (shop_id, member_id)
);
