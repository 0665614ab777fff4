-- Short codes: what a buyer types on the shop's registered page where carriers allow no link that varies.

create table order_short_code (
  shop_id integer not null,
  order_id uuid not null,
  -- The code is made from the order and this number; another number where another order has the code already.
  salt smallint not null,
  -- Keyed hash of the code: the table alone tells no code.
  code_index bytea not null,
  expires_at bigint not null,
  primary key (shop_id, order_id),
  unique (shop_id, code_index)
);

-- Tries by address and of all addresses together, in windows of time.
create table short_code_try (
  shop_id integer not null,
  bucket bytea not null,
  since bigint not null,
  used integer not null,
  primary key (shop_id, bucket)
) with (fillfactor = 50);
