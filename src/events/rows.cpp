#include "events/rows.hpp"

#include <map>

namespace remit::events {
namespace {

constexpr Sql kAdvance{"UPDATE remit_sequence SET value = value + ? WHERE name = 'events'"};
constexpr Sql kStartCounter{"INSERT INTO remit_sequence (name, value) VALUES ('events', ?)"};
constexpr Sql kLastPosition{"SELECT value FROM remit_sequence WHERE name = 'events'"};
constexpr Sql kLastSequence{"SELECT MAX(subject_sequence) FROM remit_events WHERE subject = ?"};
constexpr Sql kPurgedSequence{"SELECT last_sequence FROM remit_event_subjects WHERE subject = ?"};
constexpr Sql kInsert{"INSERT INTO remit_events (position, event_id, tenant, subject, subject_sequence, type, version,"
                      " time_us, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr Sql kAfter{"SELECT event_id, position, tenant, subject, subject_sequence, type, version, time_us, data"
                     " FROM remit_events WHERE position > ? ORDER BY position LIMIT ?"};
constexpr Sql kUnplaced{"SELECT id FROM remit_events WHERE position IS NULL ORDER BY id LIMIT ?"};
constexpr Sql kPlace{"UPDATE remit_events SET position = ? WHERE id = ? AND position IS NULL"};
constexpr Sql kOldest{"SELECT position, subject, subject_sequence, time_us FROM remit_events"
                      " WHERE position <= ? ORDER BY position LIMIT ?"};
constexpr Sql kRemove{"DELETE FROM remit_events WHERE position <= ?"};
constexpr Sql kNoteSequence{"UPDATE remit_event_subjects SET last_sequence = ? WHERE subject = ?"};
constexpr Sql kAddSubject{"INSERT INTO remit_event_subjects (subject, last_sequence) VALUES (?, ?)"};
constexpr Sql kConsumer{"SELECT name, acked, 0, seen_us FROM remit_consumers WHERE name = ?"};
constexpr Sql kConsumers{"SELECT name, acked, (SELECT COUNT(*) FROM remit_events WHERE position > acked), seen_us"
                         " FROM remit_consumers ORDER BY name"};
constexpr Sql kAddConsumer{"INSERT INTO remit_consumers (name, acked, seen_us) VALUES (?, 0, ?)"};
constexpr Sql kMarkSeen{"UPDATE remit_consumers SET seen_us = ? WHERE name = ?"};
constexpr Sql kAck{"UPDATE remit_consumers SET seen_us = ?, acked = CASE WHEN acked < ? THEN ? ELSE acked END"
                   " WHERE name = ?"};
constexpr Sql kForget{"DELETE FROM remit_consumers WHERE name = ?"};
constexpr Sql kHeldBackAt{"SELECT MIN(acked) FROM remit_consumers WHERE seen_us >= ?"};

constexpr Sql kStatements[] = {kAdvance,     kStartCounter, kLastPosition, kLastSequence, kPurgedSequence,
                               kInsert,      kAfter,        kUnplaced,     kPlace,        kOldest,
                               kRemove,      kNoteSequence, kAddSubject,   kConsumer,     kConsumers,
                               kAddConsumer, kMarkSeen,     kAck,          kForget,       kHeldBackAt};

constexpr const char *kTables[] = {
    "CREATE TABLE IF NOT EXISTS remit_sequence (id {id}, name {text} NOT NULL UNIQUE, value BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS remit_events (id {id}, position BIGINT NULL UNIQUE, event_id {text} NOT NULL UNIQUE,"
    " tenant {text} NOT NULL, subject {text} NOT NULL, subject_sequence BIGINT NOT NULL, type {text} NOT NULL,"
    " version INTEGER NOT NULL, time_us BIGINT NOT NULL, data {longtext} NOT NULL, UNIQUE (subject, subject_sequence))",
    "CREATE TABLE IF NOT EXISTS remit_event_subjects (id {id}, subject {text} NOT NULL UNIQUE,"
    " last_sequence BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS remit_consumers (id {id}, name {text} NOT NULL UNIQUE, acked BIGINT NOT NULL,"
    " seen_us BIGINT NOT NULL)"};
constexpr Migration kMigrations[] = {{1, "events", kTables, 1}};

// The first column of the only row; nothing when there is no row or it is NULL.
Result<std::optional<std::int64_t>> one_integer(SqlReader &reader, const Sql &sql, SqlParams params) {
    std::optional<std::int64_t> out;
    REMIT_CHECK(reader.query(sql, params, [&](const SqlRow &row) {
        if (!row.is_null(0)) out = row.integer(0);
        return false;
    }));
    return out;
}

EventConsumer read_consumer(const SqlRow &row) {
    return {std::string(row.text(0)), row.integer(1), row.integer(2), row.integer(3)};
}

}  // namespace

std::span<const Migration> migrations() {
    return kMigrations;
}
std::span<const Sql> statements() {
    return kStatements;
}

namespace rows {

Result<std::int64_t> advance_positions(SqlTx &tx, std::int64_t n) {
    REMIT_TRY(const auto found, tx.exec(kAdvance, {n}));
    if (found == 0) {
        const auto started = tx.exec(kStartCounter, {n});
        // Another transaction started it just now: its row is waited for.
        if (started.status() == Status::mismatch)
            REMIT_CHECK(tx.exec(kAdvance, {n}));
        else
            REMIT_CHECK(started);
    }
    return last_position(tx);
}

Result<std::int64_t> last_position(SqlReader &reader) {
    REMIT_TRY(const auto value, one_integer(reader, kLastPosition, {}));
    return value.value_or(0);
}

Result<std::int64_t> last_sequence(SqlReader &reader, std::string_view subject) {
    REMIT_TRY(auto last, one_integer(reader, kLastSequence, {subject}));
    if (last) return *last;
    REMIT_TRY(last, one_integer(reader, kPurgedSequence, {subject}));
    return last.value_or(0);
}

Result<void> insert(SqlTx &tx, const EventDraft &draft, const std::string &event_id, std::int64_t position,
                    std::int64_t sequence, std::int64_t utc_us) {
    const auto added = tx.exec(kInsert, {position == 0 ? SqlParam() : SqlParam(position), event_id, draft.tenant,
                                         draft.subject, sequence, draft.type, draft.version, utc_us, draft.data});
    REMIT_CHECK(added);
    return {};
}

Result<std::vector<Event>> after(SqlReader &reader, std::int64_t position, std::int64_t limit) {
    std::vector<Event> out;
    REMIT_CHECK(reader.query(kAfter, {position, limit}, [&](const SqlRow &row) {
        out.push_back({std::string(row.text(0)), row.integer(1), std::string(row.text(2)), std::string(row.text(3)),
                       row.integer(4), std::string(row.text(5)), static_cast<std::int32_t>(row.integer(6)),
                       row.integer(7), std::string(row.text(8))});
        return true;
    }));
    return out;
}

Result<std::vector<std::int64_t>> unplaced(SqlReader &reader, std::int64_t limit) {
    std::vector<std::int64_t> out;
    REMIT_CHECK(reader.query(kUnplaced, {limit}, [&](const SqlRow &row) {
        out.push_back(row.integer(0));
        return true;
    }));
    return out;
}

Result<void> place(SqlTx &tx, std::int64_t id, std::int64_t position) {
    REMIT_CHECK(tx.exec(kPlace, {position, id}));
    return {};
}

Result<std::vector<OldEvent>> oldest(SqlReader &reader, std::int64_t position, std::int64_t before_us,
                                     std::int64_t limit) {
    std::vector<OldEvent> out;
    REMIT_CHECK(reader.query(kOldest, {position, limit}, [&](const SqlRow &row) {
        if (row.integer(3) >= before_us) return false;
        out.push_back({row.integer(0), std::string(row.text(1)), row.integer(2)});
        return true;
    }));
    return out;
}

Result<void> remove(SqlTx &tx, std::span<const OldEvent> events) {
    if (events.empty()) return {};
    std::map<std::string_view, std::int64_t> last;
    for (const auto &event : events) {
        auto &sequence = last[event.subject];
        sequence = std::max(sequence, event.sequence);
    }
    REMIT_CHECK(tx.exec(kRemove, {events.back().position}));
    for (const auto &[subject, sequence] : last) {
        REMIT_TRY(const auto left, one_integer(tx, kLastSequence, {subject}));
        if (left) continue;
        REMIT_TRY(const auto noted, tx.exec(kNoteSequence, {sequence, subject}));
        if (noted == 0) REMIT_CHECK(tx.exec(kAddSubject, {subject, sequence}));
    }
    return {};
}

Result<std::optional<EventConsumer>> consumer(SqlReader &reader, std::string_view name) {
    std::optional<EventConsumer> out;
    REMIT_CHECK(reader.query(kConsumer, {name}, [&](const SqlRow &row) {
        out = read_consumer(row);
        return false;
    }));
    return out;
}

Result<std::vector<EventConsumer>> consumers(SqlReader &reader) {
    std::vector<EventConsumer> out;
    REMIT_CHECK(reader.query(kConsumers, {}, [&](const SqlRow &row) {
        out.push_back(read_consumer(row));
        return true;
    }));
    return out;
}

Result<void> add_consumer(SqlTx &tx, std::string_view name, std::int64_t now_us) {
    const auto added = tx.exec(kAddConsumer, {name, now_us});
    if (added.status() != Status::mismatch) REMIT_CHECK(added);
    return {};
}

Result<void> mark_seen(SqlTx &tx, std::string_view name, std::int64_t now_us) {
    REMIT_CHECK(tx.exec(kMarkSeen, {now_us, name}));
    return {};
}

Result<std::int64_t> ack(SqlTx &tx, std::string_view name, std::int64_t position, std::int64_t now_us) {
    return tx.exec(kAck, {now_us, position, position, name});
}

Result<std::int64_t> forget(SqlTx &tx, std::string_view name) {
    return tx.exec(kForget, {name});
}

Result<std::optional<std::int64_t>> held_back_at(SqlReader &reader, std::int64_t seen_since_us) {
    return one_integer(reader, kHeldBackAt, {seen_since_us});
}

}  // namespace rows
}  // namespace remit::events
