-- What came through a channel, by its moment.
CREATE INDEX channel_order_by_time ON channel_order (channel, at);
