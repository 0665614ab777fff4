-- Events of types that are not ours, by each order number that they may mean: shown with that order.
create table event_noted (
  shop_id integer not null,
  -- keyed hash: what the sender calls its subject may be a person's address
  name bytea not null,
  event_id uuid not null,
  primary key (shop_id, name, event_id)
);
