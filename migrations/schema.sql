-- Written by `node scripts/schema-dump.ts`; do not edit.

create table account (
  shop_id integer not null,
  id uuid not null,
  channel text not null,
  provider text not null,
  name text not null,
  settings bytea not null,
  state text not null default 'ok'::text,
  state_reason text,
  state_at bigint,
  "position" integer not null default 1,
  rate_per_s real,
  concurrency integer not null default 4,
  created_at bigint not null,
  constraint account_pkey PRIMARY KEY (shop_id, id)
);

create table account_rate (
  shop_id integer not null,
  account_id uuid not null,
  tokens double precision not null,
  refilled_at bigint not null,
  constraint account_rate_pkey PRIMARY KEY (shop_id, account_id)
) with (fillfactor=50);

create table api_key (
  id uuid not null,
  shop_id integer not null,
  name text not null,
  hash bytea not null,
  scopes text[] not null,
  connection_id uuid not null,
  created_at bigint not null,
  revoked_at bigint,
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_hash_key UNIQUE (hash)
);

create table attempt (
  shop_id integer not null,
  message_id uuid not null,
  n smallint not null,
  account_id uuid not null,
  started_at bigint not null,
  ended_at bigint not null,
  fate text not null,
  code text,
  provider_ref text,
  constraint attempt_pkey PRIMARY KEY (shop_id, message_id, n)
) partition by RANGE (message_id);

create table audit (
  shop_id integer not null,
  id uuid not null,
  at bigint not null,
  actor text not null,
  action text not null,
  target text not null,
  detail jsonb not null default '{}'::jsonb,
  constraint audit_pkey PRIMARY KEY (shop_id, id)
);

create table cap (
  shop_id integer not null,
  customer_id uuid not null,
  day date not null,
  used smallint not null,
  constraint cap_pkey PRIMARY KEY (shop_id, customer_id, day)
) with (fillfactor=70);

create table cap_slot (
  shop_id integer not null,
  holder uuid not null,
  counter text not null,
  taken jsonb not null default '{}'::jsonb,
  most smallint not null,
  since bigint not null,
  touched_at bigint not null,
  constraint cap_slot_pkey PRIMARY KEY (shop_id, holder, counter)
) with (fillfactor=70);

create table card_try (
  shop_id integer not null,
  card bytea not null,
  payment text not null,
  at bigint not null,
  amount bigint,
  currency text,
  network_code text,
  network_advice_code text,
  advice text,
  constraint card_try_pkey PRIMARY KEY (shop_id, card, payment)
);

create table code_ask (
  shop_id integer not null,
  holder_id uuid not null,
  asker bytea not null,
  code_hash bytea,
  tries smallint not null default 0,
  sent_at bigint not null,
  expires_at bigint not null,
  constraint code_ask_pkey PRIMARY KEY (shop_id, holder_id, asker)
);

create table connection (
  shop_id integer not null,
  id uuid not null,
  source text not null,
  name text not null,
  path_hash bytea,
  settings bytea not null,
  enabled boolean not null default true,
  created_at bigint not null,
  asks_paused_at bigint,
  asks_paused_why text,
  relay_failed_at bigint,
  relay_failed_why text,
  removed_at bigint,
  constraint connection_pkey PRIMARY KEY (shop_id, id),
  constraint connection_shop_id_path_hash_key UNIQUE (shop_id, path_hash)
);

create table contact (
  shop_id integer not null,
  id uuid not null,
  customer_id uuid,
  member_id uuid,
  channel text not null,
  address_index bytea not null,
  address bytea not null,
  verified text not null,
  state text not null default 'ok'::text,
  state_reason text,
  state_at bigint,
  consent text[] not null default '{}'::text[],
  created_at bigint not null,
  constraint contact_pkey PRIMARY KEY (shop_id, id),
  constraint contact_shop_id_channel_address_index_key UNIQUE (shop_id, channel, address_index)
);

create table customer (
  shop_id integer not null,
  id uuid not null,
  profile bytea not null,
  locale text,
  time_zone text,
  preferences jsonb not null default '{}'::jsonb,
  merged_into uuid,
  created_at bigint not null,
  segment text,
  constraint customer_pkey PRIMARY KEY (shop_id, id)
);

create table definition (
  hash bytea not null,
  kind text not null,
  body jsonb not null,
  created_at bigint not null,
  preset boolean not null default false,
  constraint definition_pkey PRIMARY KEY (hash)
);

create table event (
  shop_id integer not null,
  id uuid not null,
  connection_id uuid not null,
  type text not null,
  trust text not null,
  occurred_at bigint not null,
  received_at bigint not null,
  body bytea not null,
  constraint event_pkey PRIMARY KEY (shop_id, id)
) partition by RANGE (id);

create table event_conflict (
  shop_id integer not null,
  first_event_id uuid not null,
  body_hash bytea not null,
  event_id uuid not null,
  connection_id uuid not null,
  received_at bigint not null,
  body bytea not null,
  type text,
  occurred_at bigint,
  constraint event_conflict_pkey PRIMARY KEY (shop_id, first_event_id, body_hash)
);

create table event_key (
  shop_id integer not null,
  connection_id uuid not null,
  key bytea not null,
  event_id uuid not null,
  body_hash bytea not null,
  received_at bigint not null,
  constraint event_key_pkey PRIMARY KEY (shop_id, connection_id, key)
);

create table event_noted (
  shop_id integer not null,
  name bytea not null,
  event_id uuid not null,
  constraint event_noted_pkey PRIMARY KEY (shop_id, name, event_id)
);

create table event_stuck (
  shop_id integer not null,
  event_id uuid not null,
  tries integer not null default 1,
  error text not null,
  since bigint not null,
  constraint event_stuck_pkey PRIMARY KEY (shop_id, event_id)
);

create table failure_override (
  shop_id integer not null,
  rail text not null,
  code text not null,
  class text not null,
  advice text not null,
  set_by text not null,
  set_at bigint not null,
  constraint failure_override_pkey PRIMARY KEY (shop_id, rail, code)
);

create table flow (
  shop_id integer not null,
  key text not null,
  version integer not null,
  enabled boolean not null default true,
  killed boolean not null default false,
  updated_at bigint not null,
  constraint flow_pkey PRIMARY KEY (shop_id, key)
);

create table flow_version (
  shop_id integer not null,
  key text not null,
  version integer not null,
  definition_hash bytea not null,
  created_at bigint not null,
  created_by text not null,
  constraint flow_version_pkey PRIMARY KEY (shop_id, key, version)
);

create table inbox_item (
  shop_id integer not null,
  message_id uuid not null,
  contact_id uuid not null,
  body bytea not null,
  created_at bigint not null,
  read_at bigint,
  archived_at bigint,
  constraint inbox_item_pkey PRIMARY KEY (shop_id, message_id)
);

create table inquiry (
  shop_id integer not null,
  order_id uuid not null,
  connection_id uuid not null,
  kind text not null,
  started_at bigint not null,
  due_at bigint,
  asks smallint not null default 0,
  asked_at bigint,
  answer text,
  again_at bigint,
  payment text,
  act_at bigint,
  act_by text,
  act_outcome text,
  act_code text,
  concluded_at bigint,
  outcome text,
  fence integer not null default 0,
  lease_until timestamp with time zone,
  log jsonb not null default '[]'::jsonb,
  constraint inquiry_pkey PRIMARY KEY (shop_id, order_id, connection_id, kind)
) with (fillfactor=70);

create table installation (
  one boolean not null default true,
  killed boolean not null default false,
  admin_secret_hash bytea,
  last_backup_at bigint,
  restored_at bigint,
  created_at bigint not null,
  constraint installation_one_check CHECK (one),
  constraint installation_pkey PRIMARY KEY (one)
);

create table intake_refusal (
  shop_id integer not null,
  id uuid not null,
  connection_id uuid,
  at bigint not null,
  why text not null,
  remote_address text not null,
  body_bytes integer not null,
  constraint intake_refusal_pkey PRIMARY KEY (shop_id, id)
);

create table member (
  shop_id integer not null,
  id uuid not null,
  name text not null,
  roles text[] not null,
  locale text not null default 'zh-CN'::text,
  created_at bigint not null,
  removed_at bigint,
  constraint member_pkey PRIMARY KEY (shop_id, id)
);

create table member_code (
  shop_id integer not null,
  member_id uuid not null,
  sent bigint[] not null default '{}'::bigint[],
  constraint member_code_pkey PRIMARY KEY (shop_id, member_id)
);

create table message (
  shop_id integer not null,
  id uuid not null,
  order_id uuid,
  customer_id uuid,
  contact_id uuid,
  run_id uuid,
  flow text,
  flow_version integer,
  step text,
  channel text not null,
  purpose text not null,
  category text not null,
  audience text not null,
  template text not null,
  stops text[] not null,
  in_session_until bigint,
  created_at bigint not null,
  due_at bigint not null,
  expires_at bigint not null,
  dedupe_key bytea,
  collapse_key text,
  resend_of uuid,
  vars bytea,
  state text not null default 'waiting'::text,
  verdict text,
  gate_snapshot pg_snapshot,
  attempts smallint not null default 0,
  account_id uuid,
  provider_ref text,
  fate_code text,
  settled_at bigint,
  delivered_at bigint,
  clicked_at bigint,
  constraint message_pkey PRIMARY KEY (shop_id, id)
) with (fillfactor=60);

create table message_body (
  shop_id integer not null,
  message_id uuid not null,
  body bytea not null,
  constraint message_body_pkey PRIMARY KEY (shop_id, message_id)
) partition by RANGE (message_id);

create table message_work (
  shop_id integer not null,
  message_id uuid not null,
  channel text not null,
  due_at bigint not null,
  state text not null default 'waiting'::text,
  fence integer not null default 0,
  tries smallint not null default 0,
  crashes smallint not null default 0,
  lease_until timestamp with time zone,
  verdict text,
  gate_snapshot pg_snapshot,
  account_id uuid,
  priority smallint,
  constraint message_work_pkey PRIMARY KEY (shop_id, message_id)
) with (autovacuum_vacuum_cost_delay=0, autovacuum_vacuum_scale_factor=0.02, fillfactor=25);

create table order_code (
  shop_id integer not null,
  order_id uuid not null,
  sent bigint[] not null default '{}'::bigint[],
  constraint order_code_pkey PRIMARY KEY (shop_id, order_id)
);

create table order_ref (
  shop_id integer not null,
  kind text not null,
  value text not null,
  order_id uuid,
  paid_at bigint,
  paid_event_id uuid,
  paid_xid xid8,
  constraint order_ref_pkey PRIMARY KEY (shop_id, kind, value)
) with (fillfactor=85);

create table order_short_code (
  shop_id integer not null,
  order_id uuid not null,
  salt smallint not null,
  code_index bytea not null,
  expires_at bigint not null,
  constraint order_short_code_pkey PRIMARY KEY (shop_id, order_id),
  constraint order_short_code_shop_id_code_index_key UNIQUE (shop_id, code_index)
);

create table orders (
  shop_id integer not null,
  id uuid not null,
  no text,
  status text not null,
  customer_id uuid,
  contact_ids uuid[] not null default '{}'::uuid[],
  paid_at bigint,
  expires_at bigint,
  facts bytea not null,
  merged_into uuid,
  created_at bigint not null,
  updated_at bigint not null,
  held_by_review boolean not null default false,
  constraint orders_pkey PRIMARY KEY (shop_id, id)
) with (fillfactor=70);

create table receipt_ref (
  shop_id integer not null,
  account_id uuid not null,
  provider_ref text not null,
  message_id uuid,
  status text,
  status_at bigint,
  code text,
  constraint receipt_ref_pkey PRIMARY KEY (shop_id, account_id, provider_ref)
);

create table review (
  shop_id integer not null,
  id uuid not null,
  order_id uuid not null,
  rule text not null,
  rule_version integer not null,
  iteration integer not null,
  action text not null,
  severity text not null,
  roles text[] not null,
  level smallint not null default 0,
  escalations integer not null default 0,
  state text not null default 'open'::text,
  opened_at bigint not null,
  due_at bigint,
  answer_within bigint not null,
  ends_when text[] not null,
  holds_shop boolean not null,
  tells_buyer boolean not null,
  decided_at bigint,
  decided_by text,
  note bytea,
  evidence bytea not null,
  log jsonb not null default '[]'::jsonb,
  constraint review_pkey PRIMARY KEY (shop_id, id)
) with (fillfactor=85);

create table rule (
  shop_id integer not null,
  key text not null,
  version integer not null,
  enabled boolean not null,
  updated_at bigint not null,
  constraint rule_pkey PRIMARY KEY (shop_id, key)
);

create table rule_version (
  shop_id integer not null,
  key text not null,
  version integer not null,
  definition_hash bytea not null,
  created_at bigint not null,
  created_by text not null,
  constraint rule_version_pkey PRIMARY KEY (shop_id, key, version)
);

create table rule_window (
  shop_id integer not null,
  key bytea not null,
  items uuid[] not null,
  orders uuid[] not null,
  ats bigint[] not null,
  marks boolean[] not null,
  expires_at bigint not null,
  constraint rule_window_pkey PRIMARY KEY (shop_id, key)
) with (autovacuum_vacuum_scale_factor=0.05, fillfactor=70);

create table run (
  shop_id integer not null,
  id uuid not null,
  flow text not null,
  version integer not null,
  subject_id uuid not null,
  order_id uuid,
  customer_id uuid,
  event_id uuid not null,
  iteration text not null,
  status text not null,
  step text,
  due_at bigint,
  waiting_for text[],
  arm text not null,
  progress jsonb not null default '{}'::jsonb,
  stop_reason text,
  started_at bigint not null,
  updated_at bigint not null,
  topics text[],
  heard uuid,
  constraint run_pkey PRIMARY KEY (shop_id, id),
  constraint run_shop_id_subject_id_flow_iteration_key UNIQUE (shop_id, subject_id, flow, iteration)
) with (autovacuum_vacuum_scale_factor=0.05, fillfactor=85);

create table schema_migration (
  number integer not null,
  name text not null,
  checksum text not null,
  breaking boolean not null,
  applied_at bigint not null,
  constraint schema_migration_pkey PRIMARY KEY (number)
);

create table shop (
  id integer not null generated by default as identity,
  slug text not null,
  name text not null,
  locale text not null default 'zh-CN'::text,
  time_zone text not null default 'Asia/Shanghai'::text,
  currency text not null default 'CNY'::text,
  country text not null default 'CN'::text,
  settings jsonb not null default '{}'::jsonb,
  killed boolean not null default false,
  config_version integer not null default 1,
  demo boolean not null default false,
  created_at bigint not null,
  constraint shop_pkey PRIMARY KEY (id),
  constraint shop_slug_key UNIQUE (slug)
);

create table shop_key (
  shop_id integer not null,
  key_id integer not null,
  kind text not null,
  wrapped bytea not null,
  created_at bigint not null,
  retired_at bigint,
  constraint shop_key_pkey PRIMARY KEY (shop_id, kind, key_id)
);

create table short_code_try (
  shop_id integer not null,
  bucket bytea not null,
  since bigint not null,
  used integer not null,
  constraint short_code_try_pkey PRIMARY KEY (shop_id, bucket)
) with (fillfactor=50);

create table template (
  shop_id integer not null,
  key text not null,
  version integer not null,
  updated_at bigint not null,
  constraint template_pkey PRIMARY KEY (shop_id, key)
);

create table template_version (
  shop_id integer not null,
  key text not null,
  version integer not null,
  definition_hash bytea not null,
  created_at bigint not null,
  created_by text not null,
  constraint template_version_pkey PRIMARY KEY (shop_id, key, version)
);

create table todo (
  shop_id integer not null,
  event_id uuid not null,
  received_at bigint not null,
  constraint todo_pkey PRIMARY KEY (shop_id, event_id)
) with (autovacuum_vacuum_cost_delay=0, autovacuum_vacuum_scale_factor=0.02);

create table unknown_failure_code (
  shop_id integer not null,
  rail text not null,
  code text not null,
  seen bigint not null,
  first_at bigint not null,
  last_at bigint not null,
  constraint unknown_failure_code_pkey PRIMARY KEY (shop_id, rail, code)
);

create table verdict_history (
  shop_id integer not null,
  message_id uuid not null,
  at bigint not null,
  verdict text not null,
  constraint verdict_history_pkey PRIMARY KEY (shop_id, message_id, at)
) partition by RANGE (message_id);

CREATE INDEX contact_customer ON public.contact USING btree (shop_id, customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX contact_member ON public.contact USING btree (shop_id, member_id) WHERE (member_id IS NOT NULL);

CREATE INDEX inbox_item_contact ON public.inbox_item USING btree (shop_id, contact_id, created_at DESC);

CREATE INDEX inquiry_due ON public.inquiry USING btree (shop_id, due_at) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX message_dedupe ON public.message USING btree (shop_id, dedupe_key) WHERE (dedupe_key IS NOT NULL);

CREATE INDEX message_order ON public.message USING btree (shop_id, order_id) WHERE (order_id IS NOT NULL);

CREATE INDEX message_work_due ON public.message_work USING btree (shop_id, channel, due_at);

CREATE INDEX message_work_priority ON public.message_work USING btree (shop_id, channel, priority, due_at) WHERE (priority IS NOT NULL);

CREATE INDEX order_ref_order ON public.order_ref USING btree (shop_id, order_id) WHERE (order_id IS NOT NULL);

CREATE INDEX orders_customer ON public.orders USING btree (shop_id, customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX review_due ON public.review USING btree (shop_id, due_at) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX review_once ON public.review USING btree (shop_id, order_id, rule, iteration);

CREATE INDEX review_waiting ON public.review USING btree (shop_id, id) WHERE (state = ANY (ARRAY['open'::text, 'escalated'::text]));

CREATE INDEX run_due ON public.run USING btree (shop_id, due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX run_topics ON public.run USING gin (topics) WHERE (topics IS NOT NULL);

CREATE OR REPLACE FUNCTION public.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'audit rows are append-only' using errcode = 'insufficient_privilege';
end $function$
;

CREATE OR REPLACE FUNCTION public.audit_keeps_its_rows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from audit) then
    raise exception 'audit rows are append-only' using errcode = 'insufficient_privilege';
  end if;
  return null;
end $function$
;

CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();

CREATE TRIGGER audit_not_truncated BEFORE TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION audit_keeps_its_rows();
