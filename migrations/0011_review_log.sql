-- What became of a review, for its order's timeline: [at, what, by, level] each, oldest first.
alter table review add column log jsonb not null default '[]';
update review set log = jsonb_build_array(jsonb_build_array(opened_at, 'opened', null, 0))
  || case when decided_at is null then '[]'
     else jsonb_build_array(jsonb_build_array(decided_at, state, decided_by, level)) end;
