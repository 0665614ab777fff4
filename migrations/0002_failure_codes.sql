-- What failures mean: a shop's own decisions about codes, and codes that nobody knows yet.

-- An operator's word about one code of one rail, instead of the program's table. Part of the shop's configuration.
create table failure_override (
  shop_id integer not null,
  rail text not null,
  code text not null,
  class text not null,
  advice text not null,
  set_by text not null,
  set_at bigint not null,
  primary key (shop_id, rail, code)
);

-- Codes that came and that neither the table nor the shop knows. Written only when one comes.
create table unknown_failure_code (
  shop_id integer not null,
  rail text not null,
  code text not null,
  seen bigint not null,
  first_at bigint not null,
  last_at bigint not null,
  primary key (shop_id, rail, code)
);
