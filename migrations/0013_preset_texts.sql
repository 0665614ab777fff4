-- Which texts the program itself has shipped: what a shop has edited is then told apart from what is merely older.
alter table definition add column preset boolean not null default false;

update definition set preset = true where hash in (
  select definition_hash from flow_version where created_by = 'preset'
    or (created_by = 'command line' and version = 1)
  union select definition_hash from rule_version where created_by = 'preset'
    or (created_by = 'command line' and version = 1)
  union select definition_hash from template_version where created_by = 'preset'
    -- Made by the commands that add a preset, with the flow or rule that needs it.
    or (created_by = 'command line' and version = 1 and key ~ '^(order|payment|shop|membership|member)_'));
