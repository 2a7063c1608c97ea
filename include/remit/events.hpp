// Durable events: rows written in the transaction of the change that they tell of. At least once, in order.
#pragma once

#include <remit/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace remit {

struct Event {
    std::string id;             // "ev_...", the same however often it is delivered
    std::int64_t position = 0;  // grows; gaps are possible, reordering is not
    std::string tenant;
    std::string subject;                // the id of what it tells of, as "po_..."
    std::int64_t subject_sequence = 0;  // 1, 2, 3 ... for one subject
    std::string type;                   // "payout.completed"
    std::int32_t version = 1;           // of the data's shape
    std::int64_t time_us = 0;           // UTC
    std::string data;                   // JSON; amounts are text
};

struct EventConsumer {
    std::string name;
    std::int64_t acked = 0;    // position
    std::int64_t behind = 0;   // events not acknowledged
    std::int64_t seen_us = 0;  // when it last read (to the minute) or acknowledged
};

// Threads: any thread may call any method.
class Events {
public:
    virtual ~Events() = default;
    // The events after the consumer's acknowledged position, at most `limit` (1 to 10,000). A consumer is
    // made by its first call and starts at the oldest event kept; its name is 1 to 100 of A-Z a-z 0-9 . _ : -
    // Reading changes nothing else. Invalid naming `consumer` or `limit`; Store; StoreLost.
    virtual Result<std::vector<Event>> next(std::string_view consumer, std::int32_t limit) = 0;
    // Everything up to `position` is done with. A smaller position than before changes nothing; one that
    // was never given out is Invalid. NotFound for a consumer that has read nothing yet.
    virtual Result<void> ack(std::string_view consumer, std::int64_t position) = 0;
    virtual Result<std::vector<EventConsumer>> consumers() = 0;
    virtual Result<void> forget(std::string_view consumer) = 0;  // NotFound
};

}  // namespace remit
