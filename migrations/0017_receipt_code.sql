-- Why a message did not arrive, where the receipt is quicker than the provider's answer.
alter table receipt_ref add column code text;
