import type { Db } from '../../src/db/connect.ts'

/**
 * Notes, inside the database and in the very transactions that do it, what the product overwrites: every gate that
 * claimed and every call that began, with the snapshot of its gate; which order each name and each message belonged
 * to, by transaction. Nothing of the product reads these tables.
 */
export async function observe(db: Db): Promise<void> {
  await db.query(TABLES)
}

const TABLES = `
create table seen_claim (
  seq bigint generated always as identity, shop_id integer, message_id uuid, takeover boolean, asked boolean);
create index on seen_claim (shop_id, message_id);
create table seen_call (
  seq bigint generated always as identity, shop_id integer, message_id uuid, gate pg_snapshot, call pg_snapshot);
create index on seen_call (shop_id, message_id);
create table seen_name (
  seq bigint generated always as identity, shop_id integer, kind text, value text, order_id uuid, paid_xid xid8,
  xid xid8 default pg_current_xact_id());
create index on seen_name (shop_id, kind, value);
create index on seen_name (shop_id, order_id);
create table seen_message (
  seq bigint generated always as identity, shop_id integer, message_id uuid, order_id uuid,
  xid xid8 default pg_current_xact_id());
create index on seen_message (shop_id, message_id);

create function see_work() returns trigger language plpgsql as $$
begin
  if new.fence <> old.fence then
    insert into seen_claim (shop_id, message_id, takeover, asked)
    values (new.shop_id, new.message_id, old.state <> 'waiting', new.state = 'calling');
  elsif new.state = 'calling' and old.state = 'claimed' then
    insert into seen_call (shop_id, message_id, gate, call)
    values (new.shop_id, new.message_id, new.gate_snapshot, pg_current_snapshot());
  elsif new.state = 'waiting' and old.state = 'calling' and new.tries < old.tries then
    -- Begun and given back: the socket was never used.
    delete from seen_call where shop_id = new.shop_id and message_id = new.message_id and seq = (
      select max(seq) from seen_call as c where c.shop_id = new.shop_id and c.message_id = new.message_id);
  end if;
  return null;
end $$;
create trigger see_work after update on message_work for each row execute function see_work();

create function see_name() returns trigger language plpgsql as $$
begin
  insert into seen_name (shop_id, kind, value, order_id, paid_xid)
  values (new.shop_id, new.kind, new.value, new.order_id, new.paid_xid);
  return null;
end $$;
create trigger see_new_name after insert on order_ref for each row execute function see_name();
create trigger see_name after update on order_ref for each row
  when (old.order_id is distinct from new.order_id or old.paid_xid is distinct from new.paid_xid)
  execute function see_name();

create function see_message() returns trigger language plpgsql as $$
begin
  insert into seen_message (shop_id, message_id, order_id) values (new.shop_id, new.id, new.order_id);
  return null;
end $$;
create trigger see_new_message after insert on message for each row execute function see_message();
create trigger see_message after update on message for each row
  when (old.order_id is distinct from new.order_id) execute function see_message();

-- Which of an order's names, as they stood in a snapshot, was marked paid?
create function order_paid_in(of_shop integer, of_order uuid, s pg_snapshot) returns boolean language sql stable as $$
  with names as (
    select distinct n.kind, n.value from seen_name as n where n.shop_id = of_shop and n.order_id = of_order)
  select exists (
    select from names, lateral (
      select n.order_id, n.paid_xid from seen_name as n
      where n.shop_id = of_shop and n.kind = names.kind and n.value = names.value and pg_visible_in_snapshot(n.xid, s)
      order by seq desc limit 1) as then_
    where then_.order_id = of_order and then_.paid_xid is not null)
$$;
create function paid_in(of_shop integer, of_message uuid, s pg_snapshot) returns boolean language sql stable as $$
  select coalesce((
    select order_paid_in(of_shop, order_id, s) from seen_message as m
    where m.shop_id = of_shop and m.message_id = of_message and pg_visible_in_snapshot(m.xid, s)
    order by seq desc limit 1), false)
$$;
`
