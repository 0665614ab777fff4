-- What an event said of itself that came again with another body; null of those that came before.
alter table event_conflict add column type text, add column occurred_at bigint;
