// Clients of known intent: each claims keys in one worker, works by the key's plan, and may let go, repeat or stop
// anywhere. Also the person who resolves what is in doubt.
#pragma once

#include "machine.hpp"

#include <optional>
#include <set>
#include <utility>

namespace remit::simulation::idempotency {

// The outside world: which effects have happened, by key and step.
struct Outside {
    std::set<std::pair<int, int>> done;
};

// A call whose answer may come later, or never.
struct Pending {
    std::int64_t call = 0;
    Op op = Op::claim;
    bool there = false;
    bool nobody = false;  // its caller is gone
    std::optional<Error> error;
    std::unique_ptr<Claim> claim;
};

class Client {
public:
    Client(Machine &machine, Outside &outside, int number, int worker) :
        machine_(machine), outside_(outside), number_(number), worker_(worker) {}

    int worker() const { return worker_; }
    int number() const { return number_; }
    int key() const { return key_; }
    bool idle() const { return pending_ == nullptr && claim_ == nullptr; }
    bool waits() const { return pending_ != nullptr; }
    // One move. `steady`: it works on to the end.
    void step(Worker &worker, bool steady);
    void claim(Worker &worker, int key, InFlight in_flight, bool other, bool async);
    void recover(Worker &worker, bool async);
    // Its process is gone or stops: claim and calls end with it.
    void detach(bool dead);
    // Says whether it believes to have its key.
    void tell_held();

private:
    // What a completion writes; repeated as it is until the answer is clear.
    struct Completion {
        Reply reply;
        std::vector<HostStatement> statements;
        std::string token;
        bool bad = false;  // one of its statements cannot work
    };

    Worker &own() { return *machine_.workers[static_cast<std::size_t>(worker_)]; }
    const Intent &intent() const { return machine_.history.keys[static_cast<std::size_t>(key_)]; }
    Fact fact(Op op) const;
    std::shared_ptr<Pending> begin(Fact fact);
    void ended(const Pending &pending);
    void settle(Worker &worker);
    void take(std::unique_ptr<Claim> claim, std::int64_t call);
    void work(bool steady);
    void stray();
    void next_step();
    void effect();
    void complete(bool bad);
    Completion make_completion(bool bad);
    template <class Start>
    void write(Fact fact, Start start);
    void finished(const Pending &pending);
    void drop();

    Machine &machine_;
    Outside &outside_;
    int number_;
    int worker_;
    int key_ = -1;
    std::shared_ptr<Pending> pending_;
    std::unique_ptr<Claim> claim_;
    std::int64_t right_ = 0;   // the call that gave it
    std::size_t at_ = 0;       // steps that are done
    bool begun_ = false;       // the effect of this step was told
    bool effected_ = false;    // and is done
    bool any_effect_ = false;  // of this key's
    int unheld_ = 0;           // turns without a lease
    std::optional<Completion> completion_;
    std::int64_t completions_ = 0;
};

// Resolves one unknown key as the outside world knows it. False when there is none, or it did not work.
bool resolve_one(Machine &machine, const Outside &outside, Worker &worker);

}  // namespace remit::simulation::idempotency
