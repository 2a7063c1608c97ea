// The outbox: events written in the transaction of the change that they tell of, read by position.
#pragma once

#include "core/metrics.hpp"

#include <remit/events.hpp>
#include <remit/port/clock.hpp>
#include <remit/port/database.hpp>
#include <remit/port/random.hpp>

#include <memory>
#include <span>

namespace remit::events {

struct EventDraft {
    std::string tenant;
    std::string subject;
    std::string type;
    std::int32_t version = 1;
    std::string data;
    bool first = false;  // nothing was ever told of the subject: saves looking for its last event
};

// For primitives, inside their own transaction. The events of one call stand one after the other.
Result<void> append(SqlTx &tx, std::int64_t utc_us, Random &random, std::span<const EventDraft> drafts);
inline Result<void> append(SqlTx &tx, std::int64_t utc_us, Random &random, const EventDraft &draft) {
    return append(tx, utc_us, random, std::span(&draft, 1));
}

// Where commits are not serial, events are inserted without a position; this gives positions to the
// committed ones in the order of their ids. Any process may run it: the counter's row is the fence.
// Events::next and purge do, when they find such events. Gives how many got one; at most 1,000 in one call.
Result<std::int64_t> sequence(SqlTx &tx);

// Deletes events older than keep_us that every living consumer has acknowledged, oldest first, at most
// `limit` in one transaction. A consumer silent for longer than consumer_dead_us holds nothing back.
// Gives how many went; as many as `limit` means that more may be due.
Result<std::int64_t> purge(Database &database, std::int64_t keep_us, std::int64_t consumer_dead_us, std::int64_t now_us,
                           std::int64_t limit);

// Borrows all three.
std::unique_ptr<Events> make_events(Database &database, Clock &clock, core::Metrics &metrics);

std::span<const Migration> migrations();
std::span<const Sql> statements();

}  // namespace remit::events
