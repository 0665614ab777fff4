-- What a run listens for beside its order's own events: news of the goods in it.

-- keyed hashes of the goods' names; null while nothing is listened for, so that other runs cost the index nothing
alter table run add column topics text[];
-- the event that is to reach the run at its next timer, which was set for it
alter table run add column heard uuid;

create index run_topics on run using gin (topics) where topics is not null;
