-- Row triggers do not see truncate. An empty table may be truncated: a restore does so to what migrations have made.
create function audit_keeps_its_rows() returns trigger language plpgsql as $$
begin
  if exists (select from audit) then
    raise exception 'audit rows are append-only' using errcode = 'insufficient_privilege';
  end if;
  return null;
end $$;
create trigger audit_not_truncated before truncate on audit
  for each statement execute function audit_keeps_its_rows();
