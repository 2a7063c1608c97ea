// The lock that shows that an owner lives: a session advisory lock on a connection of its own, which the server gives
// up when the process ends, however it ends.
//
// When that connection is lost, the lock is taken again on a new one at the next transaction or read. After a restart
// of the server nobody is taken for dead who was there before it, until he had the time to come back. When only one
// connection is lost, others may take its owner's rows before that; the rows' epochs fence him then.
#pragma once

#include "sql/postgres/pool.hpp"

namespace remit::sql::pg {

class OwnerLock {
public:
    OwnerLock(Shared &shared, Pool &pool) : shared_(shared), pool_(pool) {}
    // Gives the lock up and sees that it is free; the server would notice a moment later.
    ~OwnerLock();
    OwnerLock(const OwnerLock &) = delete;
    OwnerLock &operator=(const OwnerLock &) = delete;

    Result<void> acquire();
    // Takes the lock anew when its connection is gone. Cheap while it stands.
    Result<void> keep();
    // Doubt is true: nothing is taken from an owner that may live.
    bool alive(std::string_view owner);
    // After a fork: the connection is the parent's.
    void abandon();

private:
    std::int64_t key(std::string_view owner) const;
    Result<void> lock();

    Shared &shared_;
    Pool &pool_;
    std::mutex mutex_;
    std::unique_ptr<Session> session_;  // under the mutex
    bool held_ = false;                 // under the mutex
    std::atomic<std::int64_t> looked_us_{0};
};

}  // namespace remit::sql::pg
