#include "sql/postgres/owner_lock.hpp"

#include "core/ids.hpp"
#include "crypto/hash.hpp"

namespace remit::sql::pg {
namespace {

constexpr Sql kTake{"SELECT pg_try_advisory_lock(?)"};
// Shared, so that two who ask at once do not take each other for the owner; given up when the statement ends.
// And how long the server that says so is up: since when, and now.
constexpr Sql kProbe{"SELECT pg_try_advisory_xact_lock_shared(?),"
                     " CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) * 1000000 AS bigint),"
                     " CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS bigint)"};
constexpr Sql kGiveUp{"SELECT pg_advisory_unlock(?)"};
constexpr std::int64_t kReturnUs = 10 * kMicrosPerSecond;  // for those who lived before the server's start to come back
constexpr std::int64_t kGiveUpMs = 1'000;
constexpr std::int64_t kLookEveryUs = 100 * kMicrosPerMs;

Result<bool> truth(Session &session, const Sql &sql, std::int64_t key) {
    const SqlParam param(key);
    const Answer answer =
        session.run(session.statement(sql), std::span(&param, 1), Before::nothing, After::nothing, false);
    if (!answer.ok()) return answer.failure->error;
    return Row(answer.result.get(), 0).integer(0) != 0;
}

}  // namespace

OwnerLock::~OwnerLock() {
    if (session_ == nullptr || !held_ || !session_->alive()) return;
    session_->be_quick(kGiveUpMs);
    (void)truth(*session_, kGiveUp, key(shared_.owner));
}

std::int64_t OwnerLock::key(std::string_view owner) const {
    const std::string name = std::string("remit owner\n").append(shared_.options.schema) + "\n" +
                             shared_.options.prefix + "\n" + std::string(owner);
    const Hash32 digest = crypto::sha256(view(name));
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i) out = out << 8U | digest.bytes[i];
    return static_cast<std::int64_t>(out);
}

Result<void> OwnerLock::lock() {
    REMIT_TRY(held_, truth(*session_, kTake, key(shared_.owner)));
    return {};
}

Result<void> OwnerLock::acquire() {
    const std::lock_guard lock(mutex_);
    REMIT_TRY(session_, pool_.connect());
    REMIT_CHECK(this->lock());
    if (!held_) return error(Status::broken, "a fresh owner's lock is held by another");
    return {};
}

Result<void> OwnerLock::keep() {
    const std::int64_t now = shared_.options.clock->boot_us();
    if (now - looked_us_.load(std::memory_order_relaxed) < kLookEveryUs) return {};
    const std::lock_guard guard(mutex_);
    if (held_ && session_->alive()) {
        looked_us_.store(now, std::memory_order_relaxed);
        return {};
    }
    if (!session_->usable() || !session_->alive()) {
        held_ = false;
        auto session = pool_.connect();
        if (!session.ok()) return error(Status::store, session.error().text);
        session_ = std::move(*session);
    }
    // Not held: the server has not noticed yet that the old connection is gone; then that one still keeps it.
    REMIT_CHECK(lock());
    looked_us_.store(now, std::memory_order_relaxed);
    return {};
}

bool OwnerLock::alive(std::string_view owner) {
    if (owner == shared_.owner || !keep().ok()) return true;
    auto session = pool_.borrow(Pool::For::read);
    if (!session.ok()) return true;
    const SqlParam param(key(owner));
    const Answer answer =
        (*session)->run((*session)->statement(kProbe), std::span(&param, 1), Before::nothing, After::nothing, false);
    if (!answer.ok()) return true;
    const Row row(answer.result.get(), 0);
    if (row.integer(0) == 0) return true;
    // A restart of the server takes the locks of all. Who was there before it gets some time to take his again; then,
    // as always, a lock that is free is a dead owner's. A simulated clock says nothing of who was there.
    const std::int64_t start = row.integer(1);
    return shared_.options.time_ms != 0 && core::id_time_us(owner) < start && row.integer(2) - start < kReturnUs;
}

void OwnerLock::abandon() {
    if (session_ != nullptr) session_->abandon();
}

}  // namespace remit::sql::pg
