// The host of one schedule: asks for payouts of known outcome, repeats what it is not sure of, cancels some,
// reads events. Everything follows from the seed.
#pragma once

#include "facts.hpp"

#include <remit/testing/world.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace remit::simulation {

class Workload {
public:
    // Makes the wishes, and blocks the receivers that shall refuse.
    Workload(testing::World &world, std::uint64_t seed, std::size_t count, std::uint64_t confirmations);

    // One turn of the host: some requests, perhaps a cancellation, some events. Stops where the power goes off.
    void step();
    // A poor sender gets coin and tokens.
    void refill();
    // Everything that was not asked for yet.
    void ask_all();
    bool all_accepted() const;
    // Looks at every payout; notes what must never be seen.
    void observe();
    bool all_final();
    // Everything at the end.
    Facts facts();

private:
    Wish make(std::size_t index);
    void ask(std::size_t from, std::size_t count);
    void ask_wrongly();
    void cancel_one();
    void read_events();
    void see(const Payout &row);
    void note(const std::string &text) { facts_.noted.push_back(text); }
    bool alive() { return world_.has_engine() && world_.power().on; }

    testing::World &world_;
    testing::SimRandom random_;
    std::int64_t start_utc_;
    Facts facts_;
    std::size_t next_ = 0;
    std::set<std::string> event_ids_;
    std::map<Address, u256> token_start_;
};

}  // namespace remit::simulation
