-- Every message has its place in the queue, not only those of accounts with a rate: any account can fall behind.
update message_work as w set priority = case
    when m.in_session_until is not null or m.purpose = 'essential' then 0
    when m.purpose = 'service' then 1
    when m.purpose = 'reminder' then 2
    else 3 end
from message as m where w.priority is null and m.shop_id = w.shop_id and m.id = w.message_id;
