#include "events/events.hpp"

#include "core/ids.hpp"
#include "events/rows.hpp"

#include <algorithm>
#include <limits>

namespace remit::events {
namespace {

constexpr std::int64_t kSequenceMax = 1'000;
constexpr int kSequenceTries = 1'000;  // each is lost to a commit of another
constexpr std::int32_t kNextMax = 10'000;
constexpr std::size_t kConsumerNameMax = 100;
constexpr std::int64_t kSeenGrainUs = 60 * kMicrosPerSecond;

// Names also stand in metrics and on command lines.
Result<void> check_consumer(std::string_view name) {
    constexpr std::string_view taken = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-";
    if (name.empty() || name.size() > kConsumerNameMax || name.find_first_not_of(taken) != std::string_view::npos)
        return invalid("consumer", "must be 1 to 100 of the characters A-Z a-z 0-9 . _ : -");
    return {};
}

Error no_consumer() {
    return {Status::not_found, "consumer", "there is no such consumer"};
}

// Gives all that is committed its position.
Result<void> place_all(Database &database) {
    for (std::int64_t placed = kSequenceMax; placed == kSequenceMax;)
        REMIT_CHECK(database.transact([&](SqlTx &tx) -> Result<void> {
            REMIT_TRY(placed, sequence(tx));
            return {};
        }));
    return {};
}

class Outbox final : public Events {
public:
    Outbox(Database &database, Clock &clock, core::Metrics &metrics) :
        database_(database), clock_(clock), metrics_(metrics) {}

    Result<std::vector<Event>> next(std::string_view consumer, std::int32_t limit) override {
        REMIT_CHECK(check_consumer(consumer));
        if (limit < 1 || limit > kNextMax) return invalid("limit", "must be 1 to 10000");
        std::optional<EventConsumer> who;
        std::vector<Event> out;
        bool more = false;  // committed, and not in their place yet
        const auto look = [&](SqlReader &reader) -> Result<void> {
            REMIT_TRY(who, rows::consumer(reader, consumer));
            REMIT_TRY(out, rows::after(reader, who ? who->acked : 0, limit));
            if (out.size() == static_cast<std::size_t>(limit)) return {};
            REMIT_TRY(const auto unplaced, rows::unplaced(reader, 1));
            more = !unplaced.empty();
            return {};
        };
        REMIT_CHECK(database_.read(look));
        if (more) {
            REMIT_CHECK(place_all(database_));
            REMIT_CHECK(database_.read(look));
        }
        REMIT_CHECK(note_seen(consumer, who));
        delivered(consumer).add(static_cast<std::int64_t>(out.size()));
        return out;
    }

    Result<void> ack(std::string_view consumer, std::int64_t position) override {
        REMIT_CHECK(check_consumer(consumer));
        const std::int64_t now = clock_.utc_us();
        return database_.transact([&](SqlTx &tx) -> Result<void> {
            REMIT_TRY(const auto last, rows::last_position(tx));
            if (position < 0 || position > last) return invalid("position", "was never given out");
            REMIT_TRY(const auto found, rows::ack(tx, consumer, position, now));
            if (found == 0) return no_consumer();
            return {};
        });
    }

    Result<std::vector<EventConsumer>> consumers() override {
        std::vector<EventConsumer> out;
        REMIT_CHECK(database_.read([&](SqlReader &reader) -> Result<void> {
            REMIT_TRY(out, rows::consumers(reader));
            return {};
        }));
        return out;
    }

    Result<void> forget(std::string_view consumer) override {
        REMIT_CHECK(check_consumer(consumer));
        return database_.transact([&](SqlTx &tx) -> Result<void> {
            REMIT_TRY(const auto found, rows::forget(tx, consumer));
            if (found == 0) return no_consumer();
            return {};
        });
    }

private:
    // A reader that polls must not cost a commit each time: that it lives is written once a minute.
    Result<void> note_seen(std::string_view consumer, const std::optional<EventConsumer> &known) {
        const std::int64_t now = clock_.utc_us();
        if (known && now >= known->seen_us && now - known->seen_us < kSeenGrainUs) return {};
        return database_.transact([&](SqlTx &tx) {
            return known ? rows::mark_seen(tx, consumer, now) : rows::add_consumer(tx, consumer, now);
        });
    }

    core::Counter &delivered(std::string_view consumer) {
        return metrics_.counter("remit_events_delivered_total", "Events handed to consumers, repeats included.",
                                "consumer=\"" + std::string(consumer) + "\"");
    }

    Database &database_;
    Clock &clock_;
    core::Metrics &metrics_;
};

}  // namespace

Result<void> append(SqlTx &tx, std::int64_t utc_us, Random &random, std::span<const EventDraft> drafts) {
    if (drafts.empty()) return {};
    const auto count = static_cast<std::int64_t>(drafts.size());
    const bool place = tx.serial_commits();
    std::int64_t position = 0;
    if (place) {
        REMIT_TRY(const auto last, rows::advance_positions(tx, count));
        position = last - count;
    }
    for (const auto &draft : drafts) {
        std::int64_t sequence = 1;
        if (!draft.first) {
            REMIT_TRY(const auto last, rows::last_sequence(tx, draft.subject));
            sequence = last + 1;
        }
        if (place) ++position;
        const auto id = core::fresh_id("ev", utc_us, random);
        Result<void> told = rows::insert(tx, draft, id, position, sequence, utc_us);
        // Another transaction told of the subject at the same time, and has committed by now.
        for (int i = 0; i < kSequenceTries && told.status() == Status::mismatch; ++i) {
            REMIT_TRY(const auto last, rows::last_sequence(tx, draft.subject));
            told = rows::insert(tx, draft, id, position, last + 1, utc_us);
        }
        if (told.status() == Status::mismatch)
            return error(Status::store, "too many transactions tell of the same subject at the same time");
        REMIT_CHECK(told);
    }
    return {};
}

Result<std::int64_t> sequence(SqlTx &tx) {
    // Counting up by nothing takes the counter's row, so that two sequencers go one after the other.
    REMIT_TRY(auto position, rows::advance_positions(tx, 0));
    REMIT_TRY(const auto ids, rows::unplaced(tx, kSequenceMax));
    for (const auto id : ids) REMIT_CHECK(rows::place(tx, id, ++position));
    if (!ids.empty()) REMIT_CHECK(rows::advance_positions(tx, static_cast<std::int64_t>(ids.size())));
    return static_cast<std::int64_t>(ids.size());
}

Result<std::int64_t> purge(Database &database, std::int64_t keep_us, std::int64_t consumer_dead_us, std::int64_t now_us,
                           std::int64_t limit) {
    // Asked on a reader first: when nothing is due, nothing is written.
    const auto due = [&](SqlReader &reader) -> Result<std::vector<rows::OldEvent>> {
        REMIT_TRY(const auto held, rows::held_back_at(reader, now_us - consumer_dead_us));
        const auto up_to = held.value_or(std::numeric_limits<std::int64_t>::max());
        return rows::oldest(reader, up_to, now_us - keep_us, limit);
    };
    std::int64_t gone = 0;
    bool unplaced = false;
    const auto look = [&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(const auto old, due(reader));
        gone = static_cast<std::int64_t>(old.size());
        REMIT_TRY(const auto left, rows::unplaced(reader, 1));
        unplaced = !left.empty();
        return {};
    };
    REMIT_CHECK(database.read(look));
    if (unplaced) {  // nobody reads them, and without a position they would stay for ever
        REMIT_CHECK(place_all(database));
        REMIT_CHECK(database.read(look));
    }
    if (gone == 0) return 0;
    REMIT_CHECK(database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_TRY(const auto old, due(tx));
        gone = static_cast<std::int64_t>(old.size());
        return rows::remove(tx, old);
    }));
    return gone;
}

std::unique_ptr<Events> make_events(Database &database, Clock &clock, core::Metrics &metrics) {
    return std::make_unique<Outbox>(database, clock, metrics);
}

}  // namespace remit::events
