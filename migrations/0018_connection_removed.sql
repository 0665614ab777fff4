-- Taken away by the shop: its address and secrets are gone, its name stays with what came by it.
alter table connection add column removed_at bigint;
