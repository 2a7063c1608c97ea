// The rows of events and consumers: typed reads and writes, and all SQL of the room.
#pragma once

#include "events/events.hpp"

#include <optional>
#include <vector>

namespace remit::events::rows {

// Counts the position counter up by n and gives its new value.
Result<std::int64_t> advance_positions(SqlTx &tx, std::int64_t n);
// The highest position given so far.
Result<std::int64_t> last_position(SqlReader &reader);
// The sequence of the last event ever told of a subject; 0 for none.
Result<std::int64_t> last_sequence(SqlReader &reader, std::string_view subject);
// position 0: not given yet. Mismatch when the subject's sequence is taken: only where commits are not serial.
Result<void> insert(SqlTx &tx, const EventDraft &draft, const std::string &event_id, std::int64_t position,
                    std::int64_t sequence, std::int64_t utc_us);
Result<std::vector<Event>> after(SqlReader &reader, std::int64_t position, std::int64_t limit);

// Ids of events that have no position yet, smallest first.
Result<std::vector<std::int64_t>> unplaced(SqlReader &reader, std::int64_t limit);
Result<void> place(SqlTx &tx, std::int64_t id, std::int64_t position);

struct OldEvent {
    std::int64_t position = 0;
    std::string subject;
    std::int64_t sequence = 0;
};
// The oldest events up to a position, as long as they are older than a time.
Result<std::vector<OldEvent>> oldest(SqlReader &reader, std::int64_t position, std::int64_t before_us,
                                     std::int64_t limit);
// Deletes them, and notes the sequence of each subject of which none is left.
Result<void> remove(SqlTx &tx, std::span<const OldEvent> events);

Result<std::optional<EventConsumer>> consumer(SqlReader &reader, std::string_view name);  // `behind` not counted
Result<std::vector<EventConsumer>> consumers(SqlReader &reader);
Result<void> add_consumer(SqlTx &tx, std::string_view name, std::int64_t now_us);  // fine when it is there
Result<void> mark_seen(SqlTx &tx, std::string_view name, std::int64_t now_us);
// `acked` never goes down. How many rows it found.
Result<std::int64_t> ack(SqlTx &tx, std::string_view name, std::int64_t position, std::int64_t now_us);
Result<std::int64_t> forget(SqlTx &tx, std::string_view name);
// The smallest position acknowledged by a consumer seen since then; nothing when there is none.
Result<std::optional<std::int64_t>> held_back_at(SqlReader &reader, std::int64_t seen_since_us);

}  // namespace remit::events::rows
