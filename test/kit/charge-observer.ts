import type { Db } from '../../src/db/connect.ts'

/**
 * Notes beside `observe`, in the very transactions that do it: each try of a payment that is written down, with the
 * snapshot of the statement that decided it; each reading of a card's tries; how orders stood; when an event was
 * applied and a message planned. Nothing of the product reads these tables or columns.
 */
export async function observeCharges(db: Db): Promise<void> {
  await db.query(TABLES)
}

// A snapshot is taken in a `stable` function, which sees that of the statement it is called by; what a volatile one
// would see is newer.
const TABLES = `
alter table inquiry add column seen pg_snapshot;
alter table card_try add column seen pg_snapshot;
create table seen_try (
  seq bigint generated always as identity, shop_id integer, order_id uuid, kind text, payment text, by text, at bigint,
  s pg_snapshot, xid xid8 default pg_current_xact_id());
create index on seen_try (shop_id, order_id);
create table seen_broken_try (shop_id integer, order_id uuid);
create table seen_count (shop_id integer, card bytea, s pg_snapshot, xid xid8 default pg_current_xact_id());
create index on seen_count (shop_id, xid);
create table seen_card_try (
  shop_id integer, card bytea, payment text, advice text, xid xid8 default pg_current_xact_id());
create index on seen_card_try (shop_id, card);
create table seen_order (
  seq bigint generated always as identity, shop_id integer, order_id uuid, status text, held boolean,
  xid xid8 default pg_current_xact_id());
create index on seen_order (shop_id, order_id);
create table seen_applied (shop_id integer, event_id uuid, xid xid8 default pg_current_xact_id());
create index on seen_applied (shop_id, event_id);
create table seen_plan (shop_id integer, message_id uuid, s pg_snapshot, xid xid8 default pg_current_xact_id());
create index on seen_plan (shop_id, message_id);

create function see_snapshot() returns trigger language plpgsql stable as $$
begin
  new.seen := pg_current_snapshot();
  return new;
end $$;

create trigger a_snapshot before update on inquiry for each row
  when (new.act_at is distinct from old.act_at) execute function see_snapshot();
create function see_try() returns trigger language plpgsql as $$
begin
  insert into seen_try (shop_id, order_id, kind, payment, by, at, s)
  values (new.shop_id, new.order_id, new.kind, new.payment, new.act_by, new.act_at, new.seen);
  return null;
end $$;
create trigger see_try after update on inquiry for each row
  when (new.act_at is distinct from old.act_at) execute function see_try();
create function see_broken_try() returns trigger language plpgsql as $$
begin
  insert into seen_broken_try (shop_id, order_id) values (new.shop_id, new.order_id);
  return null;
end $$;
create trigger see_broken_try after update on inquiry for each row
  when (new.fence <> old.fence and old.act_outcome = 'begun' and old.act_by = 'source') execute function see_broken_try();

-- The lock of a card is an insert that mostly finds its row there: before it, triggers fire all the same.
create trigger a_snapshot before insert on card_try for each row when (new.payment = '') execute function see_snapshot();
create function see_count() returns trigger language plpgsql as $$
begin
  insert into seen_count (shop_id, card, s) values (new.shop_id, new.card, new.seen);
  return new;
end $$;
create trigger b_count before insert on card_try for each row when (new.payment = '') execute function see_count();
create function see_card_try() returns trigger language plpgsql as $$
begin
  insert into seen_card_try (shop_id, card, payment, advice) values (new.shop_id, new.card, new.payment, new.advice);
  return null;
end $$;
create trigger see_card_try after insert or update on card_try for each row
  when (new.payment <> '') execute function see_card_try();

create function see_order() returns trigger language plpgsql as $$
begin
  insert into seen_order (shop_id, order_id, status, held) values (new.shop_id, new.id, new.status, new.held_by_review);
  return null;
end $$;
create trigger see_new_order after insert on orders for each row execute function see_order();
create trigger see_order after update on orders for each row
  when (old.status is distinct from new.status or old.held_by_review is distinct from new.held_by_review)
  execute function see_order();

create function see_applied() returns trigger language plpgsql as $$
begin
  insert into seen_applied (shop_id, event_id) values (old.shop_id, old.event_id);
  return null;
end $$;
create trigger see_applied after delete on todo for each row execute function see_applied();

create function see_plan() returns trigger language plpgsql as $$
begin
  insert into seen_plan (shop_id, message_id, s) values (new.shop_id, new.id, pg_current_snapshot());
  return null;
end $$;
create trigger see_plan after insert on message for each row execute function see_plan();

-- How an order stood in a snapshot.
create function order_in(of_shop integer, of_order uuid, s pg_snapshot) returns seen_order language sql stable as $$
  select o.* from seen_order as o
  where o.shop_id = of_shop and o.order_id = of_order and pg_visible_in_snapshot(o.xid, s) order by seq desc limit 1
$$;
`
