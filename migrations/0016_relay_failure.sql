-- Callbacks are passed on to the shop's own address in vain: since when, and how it fares now; null while it answers.
alter table connection add column relay_failed_at bigint, add column relay_failed_why text;
