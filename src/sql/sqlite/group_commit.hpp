// Many callers, one writing connection: who waits shares a commit with the others.
//
// Who commits. A caller that finds nobody committing and nobody waiting commits on its own thread: no
// thread switch, the latency of a plain loop. Otherwise it queues, and the queue is taken whole, by the
// writer thread if there is one, else by a waiting caller that the last leader hands the lead to. While
// batches hold more than one function (and for kCalm batches after), callers leave the lead to the
// writer thread even when they find it idle: else every second commit would carry one function. Before
// it commits, the writer thread yields as long as more callers come.
//
// Measured (tests/bench, two cores that were busy otherwise; medians of four runs against the bare loops):
//   one caller, its own thread            0.92 to 1.03 of prepared statements; 0.93 where a sync costs nothing
//   50 callers, the writer thread         0.93 to 1.37 of a bare writer thread; 0.66 to 0.99 without the yields
//   50 callers, leading by turns          1.26 or more: no reason for a thread, but `submit` needs one
//   moving the log into the database      after the answers, each 1,000 pages as SQLite does; not varied here
//
// Lifetimes. A waiting caller's Op lies on its stack and is not touched once its word was set; the word
// is in a pool that lives as long as this object, so that waking it is safe whoever has it by then.
//
// A function that throws: the batch is rolled back, the others are told Store, the exception goes on to
// the caller that led. On the writer thread there is none, and the process ends.
#pragma once

#include "sql/sqlite/batch.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace remit::sql {

class GroupCommit {
public:
    explicit GroupCommit(std::unique_ptr<Batches> batches) : batches_(std::move(batches)) {}
    // Stops the writer thread. What was submitted and did not run is told Closed.
    ~GroupCommit();

    Result<void> transact(const SqlTxFn &fn);
    void submit(SqlTxFn fn, SqlDone done);
    // Returns when what was submitted before has been answered.
    void drain();
    void start();
    void stop();
    // Whether a reader would find the truth; settles a doubtful commit first.
    Result<void> readable();

private:
    struct Waiter {
        std::atomic<std::uint32_t> word{0};
    };
    struct Op : Work {
        Waiter *waiter = nullptr;  // null: submitted
        bool answered = false;     // for its own thread, when that leads
        SqlTxFn own_fn;
        SqlDone done;
    };
    struct Turn;

    Waiter *take_waiter();
    void give_back(Waiter *waiter);
    void lead(std::unique_lock<std::mutex> &lock, Op *self);
    void answer(Op *self);
    void pass_on(Op *self);
    void gather(std::unique_lock<std::mutex> &lock);
    void write_on();

    std::unique_ptr<Batches> batches_;
    std::vector<Work *> batch_;  // the leader's

    std::mutex mutex_;  // what follows
    std::vector<Op *> queue_;
    bool leading_ = false;
    std::thread::id leader_;
    int crowd_ = 0;
    bool writing_ = false;  // the writer thread runs
    bool stop_ = false;
    std::uint64_t stop_at_ = 0;  // what was accepted until then is answered first
    std::uint64_t accepted_ = 0;
    std::uint64_t answered_ = 0;
    int drainers_ = 0;
    std::condition_variable work_;
    std::condition_variable idle_;

    std::mutex waiters_mutex_;
    std::deque<Waiter> waiters_;
    std::vector<Waiter *> free_waiters_;

    std::mutex thread_mutex_;
    std::thread thread_;
};

}  // namespace remit::sql
