#include "sql/sqlite/group_commit.hpp"

namespace remit::sql {
namespace {

constexpr std::size_t kBatchMax = 1'000;
constexpr int kCalm = 8;
constexpr std::uint32_t kWaits = 0;
constexpr std::uint32_t kAnswered = 1;
constexpr std::uint32_t kLeads = 2;

}  // namespace

GroupCommit::~GroupCommit() {
    stop();
    while (!queue_.empty()) {  // an answer may submit more, which is answered the same way
        const std::unique_ptr<Op> op(queue_.back());
        queue_.pop_back();
        op->done(error(Status::closed, "the database was closed"));
    }
}

GroupCommit::Waiter *GroupCommit::take_waiter() {
    const std::lock_guard lock(waiters_mutex_);
    Waiter *waiter = free_waiters_.empty() ? &waiters_.emplace_back() : free_waiters_.back();
    if (!free_waiters_.empty()) free_waiters_.pop_back();
    waiter->word.store(kWaits, std::memory_order_relaxed);
    return waiter;
}

void GroupCommit::give_back(Waiter *waiter) {
    const std::lock_guard lock(waiters_mutex_);
    free_waiters_.push_back(waiter);
}

// The end of a turn, also when a function threw.
struct GroupCommit::Turn {
    GroupCommit &group;
    std::unique_lock<std::mutex> &lock;
    Op *self;
    bool ran = false;

    ~Turn() {
        if (!ran) group.batches_->abandon(group.batch_);
        const std::size_t size = group.batch_.size();
        group.answer(self);
        if (ran) group.batches_->tidy();
        lock.lock();
        group.answered_ += size;
        if (size > 1)
            group.crowd_ = kCalm;
        else if (group.crowd_ > 0)
            --group.crowd_;
        const bool again = ran && self != nullptr && !self->answered;
        if (!again) group.pass_on(self);
    }
};

// Runs what is queued, until `self` was among it. Called and left with the lock held.
void GroupCommit::lead(std::unique_lock<std::mutex> &lock, Op *self) {
    leading_ = true;
    leader_ = std::this_thread::get_id();
    do {
        const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kBatchMax));
        batch_.assign(queue_.begin(), end);
        queue_.erase(queue_.begin(), end);
        lock.unlock();
        Turn turn{*this, lock, self};
        batches_->run(batch_);
        turn.ran = true;
    } while (self != nullptr && !self->answered);
}

// No Op is touched after its caller may go on.
void GroupCommit::answer(Op *self) {
    for (Work *work : batch_) {
        Op *op = static_cast<Op *>(work);
        if (op == self) {
            op->answered = true;
        } else if (Waiter *waiter = op->waiter; waiter != nullptr) {
            waiter->word.store(kAnswered, std::memory_order_release);
            waiter->word.notify_one();
        } else {
            op->done(std::move(op->result));
            delete op;
        }
    }
}

// Gives the lead up: to the writer thread, to a waiting caller, or to whoever comes.
void GroupCommit::pass_on(Op *self) {
    if (self != nullptr && !self->answered) std::erase(queue_, self);
    leader_ = {};
    leading_ = false;
    if (drainers_ > 0) idle_.notify_all();
    if (writing_) {
        if (stop_ || !queue_.empty()) work_.notify_one();
        return;
    }
    for (Op *op : queue_) {
        if (op->waiter == nullptr) continue;
        leading_ = true;  // nobody may slip in between
        op->waiter->word.store(kLeads, std::memory_order_release);
        op->waiter->word.notify_one();
        return;
    }
}

Result<void> GroupCommit::transact(const SqlTxFn &fn) {
    Op op;
    op.fn = &fn;
    std::unique_lock lock(mutex_);
    if (leading_ && leader_ == std::this_thread::get_id())
        return error(Status::misuse, "a transaction was begun inside a transaction");
    ++accepted_;
    const bool lone = !leading_ && (!writing_ || (queue_.empty() && crowd_ == 0));
    if (!lone) op.waiter = take_waiter();
    queue_.push_back(&op);
    if (lone) {
        lead(lock, &op);
        return std::move(op.result);
    }
    const bool wake = writing_ && !leading_ && queue_.size() == 1;
    lock.unlock();
    if (wake) work_.notify_one();
    op.waiter->word.wait(kWaits, std::memory_order_acquire);
    if (op.waiter->word.load(std::memory_order_acquire) == kLeads) {
        lock.lock();
        lead(lock, &op);
        lock.unlock();
    }
    give_back(op.waiter);
    return std::move(op.result);
}

void GroupCommit::submit(SqlTxFn fn, SqlDone done) {
    auto op = std::make_unique<Op>();
    op->own_fn = std::move(fn);
    op->fn = &op->own_fn;
    op->done = std::move(done);
    std::unique_lock lock(mutex_);
    ++accepted_;
    queue_.push_back(op.release());
    const bool wake = writing_ && !leading_ && queue_.size() == 1;
    lock.unlock();
    if (wake) work_.notify_one();
}

void GroupCommit::drain() {
    std::unique_lock lock(mutex_);
    if (leading_ && leader_ == std::this_thread::get_id()) return;
    const std::uint64_t until = accepted_;
    ++drainers_;
    while (answered_ < until) {
        if (!leading_ && !writing_)
            lead(lock, nullptr);
        else
            idle_.wait(lock);
    }
    --drainers_;
}

// Who was just answered mostly comes again at once: lets them, as long as more come.
void GroupCommit::gather(std::unique_lock<std::mutex> &lock) {
    for (std::size_t seen = 0; crowd_ == kCalm && seen < queue_.size() && queue_.size() < kBatchMax;) {
        seen = queue_.size();
        lock.unlock();
        std::this_thread::yield();
        lock.lock();
    }
}

void GroupCommit::write_on() {
    std::unique_lock lock(mutex_);
    for (;;) {
        work_.wait(lock, [&] { return !leading_ && (stop_ || !queue_.empty()); });
        if (stop_ && answered_ >= stop_at_) break;
        gather(lock);
        if (!leading_ && !queue_.empty()) lead(lock, nullptr);
    }
    writing_ = false;
    pass_on(nullptr);
}

void GroupCommit::start() {
    const std::lock_guard one(thread_mutex_);
    if (thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        writing_ = true;
        stop_ = false;
    }
    thread_ = std::thread([this] { write_on(); });
}

void GroupCommit::stop() {
    const std::lock_guard one(thread_mutex_);
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        stop_at_ = accepted_;
    }
    work_.notify_one();
    thread_.join();
}

Result<void> GroupCommit::readable() {
    if (!batches_->doubtful()) return batches_->readable();
    return transact([](SqlTx &) -> Result<void> { return {}; });
}

}  // namespace remit::sql
