-- breaking: true
-- Templates keep their versions as flows do: an older program would publish words that no version names.

create table template_version (
  shop_id integer not null,
  key text not null,
  version integer not null,
  definition_hash bytea not null,
  created_at bigint not null,
  created_by text not null,
  primary key (shop_id, key, version)
);

insert into template_version (shop_id, key, version, definition_hash, created_at, created_by)
select shop_id, key, version, definition_hash, updated_at, 'upgrade' from template;

alter table template drop column definition_hash;

-- A flow's holdout stands in its text.
alter table flow drop column holdout_percent;
