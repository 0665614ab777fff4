-- Failed tries by card, over all orders of a shop: the card schemes count per merchant and card. Only of shops that try
-- payments again by themselves. A try of ours stands here from before it is made. Forgotten after 35 days: no window
-- of a scheme is longer than 30.
create table card_try (
  shop_id integer not null,
  -- blind index of the card's token
  card bytea not null,
  -- the provider's id of the try, ours until that is known; '' is the row that whoever begins a try on the card locks
  payment text not null,
  at bigint not null,
  amount bigint,
  currency text,
  network_code text,
  network_advice_code text,
  -- what its answer advised, as the shop saw it then
  advice text,
  primary key (shop_id, card, payment)
);
