-- breaking: true
-- One-time codes, one for each browser that asked: wrong tries of another browser do not end it. What stays on the
-- holder's own row (order_code, member_code) is when codes were sent, whoever asked. Codes alive now are given up: they
-- live for ten minutes, and a new one is a tap away.
create table code_ask (
  shop_id integer not null,
  -- the order or member that the code opens
  holder_id uuid not null,
  -- keyed hash of what the browser was given when it asked
  asker bytea not null,
  -- keyed hash of the code; null once it was used
  code_hash bytea,
  tries smallint not null default 0,
  sent_at bigint not null,
  expires_at bigint not null,
  primary key (shop_id, holder_id, asker)
);

alter table order_code drop column code_hash, drop column tries, drop column expires_at;
alter table member_code drop column code_hash, drop column tries, drop column expires_at;
