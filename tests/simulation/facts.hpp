// What is known at the end of one schedule: what was asked for, what Remit says, what the chain says.
#pragma once

#include <remit/events.hpp>
#include <remit/payouts.hpp>
#include <remit/testing/evm_chain.hpp>

#include <map>
#include <string>
#include <vector>

namespace remit::simulation {

// What must become of a request, known from its index alone.
enum class Expect {
    paid,     // completed
    refused,  // failed: the token or the receiver does not take it
    either,   // its deadline or a cancellation decides
};

struct Wish {
    PayoutRequest request;
    Expect expect = Expect::paid;
    bool cancel = false;     // the host tries to cancel it
    bool cancelled = false;  // and was told that it is
    std::string id;          // once accepted
};

struct MinedTx {
    Address from;
    std::uint64_t nonce = 0;
    bool success = false;
    std::uint64_t block = 0;
    u256 fee;
};

struct Facts {
    std::vector<Wish> wishes;
    std::map<std::string, Payout> rows;               // by id, from the list
    std::vector<Event> events;                        // in order of first delivery
    std::map<std::string, PayoutStatus> first_final;  // by id: the first final status ever seen
    std::vector<testing::SimTransfer> transfers;      // of the canonical chain
    std::map<Hash32, MinedTx> mined;
    std::map<Address, std::uint64_t> chain_nonces;  // of our senders
    std::map<Address, u256> token_spent;            // by token: how much less our senders hold than at first
    std::size_t pooled = 0;
    std::uint64_t head = 0, confirmations = 0;
    PayoutReport report;
    std::vector<std::string> noted;  // violations seen on the way
};

// Every promise that the facts break, in words. The model is its own: it knows nothing of the engine's states
// but the public ones.
std::vector<std::string> judge(const Facts &facts);

}  // namespace remit::simulation
