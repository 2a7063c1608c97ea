#include "self_test.hpp"

#include "schedule.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>

namespace remit::simulation {

namespace {

struct Break {
    const char *name;
    std::function<bool(Facts &)> apply;  // false: these facts have nothing of the kind to break
};

Payout *first_with(Facts &facts, PayoutStatus status) {
    for (auto &[id, row] : facts.rows)
        if (row.status == status) return &row;
    return nullptr;
}

bool change_status(Facts &facts, PayoutStatus from, PayoutStatus to) {
    Payout *row = first_with(facts, from);
    if (row == nullptr) return false;
    row->status = to;
    facts.first_final.erase(row->id);
    return true;
}

const Break kBreaks[] = {
    {"a transfer twice",
     [](Facts &facts) {
         facts.transfers.push_back(facts.transfers.front());
         return true;
     }},
    {"a transfer less",
     [](Facts &facts) {
         facts.transfers.pop_back();
         return true;
     }},
    {"a transfer to nobody's wish",
     [](Facts &facts) {
         testing::SimTransfer other = facts.transfers.back();
         other.amount = u256(1);
         facts.transfers.push_back(other);
         return true;
     }},
    {"failed but paid",
     [](Facts &facts) { return change_status(facts, PayoutStatus::completed, PayoutStatus::failed); }},
    {"completed but not paid",
     [](Facts &facts) { return change_status(facts, PayoutStatus::failed, PayoutStatus::completed); }},
    {"never final", [](Facts &facts) { return change_status(facts, PayoutStatus::completed, PayoutStatus::sent); }},
    {"an accepted payout lost",
     [](Facts &facts) {
         facts.rows.erase(facts.rows.begin());
         return true;
     }},
    {"too early",
     [](Facts &facts) {
         facts.confirmations = facts.head + 2;
         return true;
     }},
    {"a nonce twice",
     [](Facts &facts) {
         Payout *one = nullptr;
         for (auto &[id, row] : facts.rows) {
             if (!row.nonce || !row.sender) continue;
             if (one != nullptr && row.sender == one->sender) {
                 row.nonce = one->nonce;
                 return true;
             }
             if (one == nullptr) one = &row;
         }
         return false;
     }},
    {"a nonce lost",
     [](Facts &facts) {
         ++facts.chain_nonces.begin()->second;
         return true;
     }},
    {"an event less",
     [](Facts &facts) {
         const auto of_payout = std::find_if(facts.events.begin(), facts.events.end(),
                                             [](const Event &event) { return event.subject.starts_with("po_"); });
         if (of_payout == facts.events.end()) return false;
         facts.events.erase(of_payout);
         return true;
     }},
    {"an event twice",
     [](Facts &facts) {
         facts.events.push_back(facts.events.back());
         return true;
     }},
    {"a changed mind about a final status",
     [](Facts &facts) {
         Payout *row = first_with(facts, PayoutStatus::completed);
         if (row != nullptr) facts.first_final[row->id] = PayoutStatus::failed;
         return row != nullptr;
     }},
    {"another transaction than recorded",
     [](Facts &facts) {
         Payout *row = first_with(facts, PayoutStatus::completed);
         if (row != nullptr) row->tx_hash = Hash32{};
         return row != nullptr;
     }},
    {"tokens that nobody accounts for",
     [](Facts &facts) {
         u256 &spent = facts.token_spent.begin()->second;
         spent = saturating_add(spent, u256(1));
         return true;
     }},
};

// A schedule with completed and failed payouts, and nothing wrong.
bool find_healthy(Facts &facts) {
    for (std::uint64_t seed = 1; seed < 200; ++seed) {
        Outcome outcome = run_schedule(seed, {});
        if (!outcome.violations.empty()) continue;
        facts = std::move(outcome.facts);
        if (first_with(facts, PayoutStatus::completed) != nullptr && first_with(facts, PayoutStatus::failed) != nullptr)
            return true;
    }
    return false;
}

}  // namespace

int self_test() {
    Facts healthy;
    if (!find_healthy(healthy)) {
        std::printf("no healthy schedule with completed and failed payouts was found\n");
        return 1;
    }
    int missed = 0;
    for (const Break &breaking : kBreaks) {
        Facts broken = healthy;
        const bool applied = breaking.apply(broken);
        const bool noticed = !judge(broken).empty();
        std::printf("  %-40s %s\n", breaking.name, !applied ? "could not be applied" : noticed ? "noticed" : "MISSED");
        missed += applied && noticed ? 0 : 1;
    }
    return missed == 0 ? 0 : 1;
}

int planted() {
    constexpr std::uint64_t kSchedules = 300;
    constexpr std::pair<Plant, const char *> kPlants[] = {{Plant::shallow, "one confirmation is taken for final"},
                                                          {Plant::forgetful, "acknowledged commits are lost"}};
    int missed = 0;
    for (const auto &[plant, name] : kPlants) {
        std::uint64_t seed = 1;
        std::vector<std::string> found;
        for (; seed <= kSchedules && found.empty(); ++seed) found = run_schedule(seed, {}, plant).violations;
        if (found.empty())
            std::printf("  %-40s MISSED\n", name);
        else
            std::printf("  %-40s found with seed %d: %s\n", name, static_cast<int>(seed - 1), found.front().c_str());
        missed += found.empty() ? 1 : 0;
    }
    return missed == 0 ? 0 : 1;
}

}  // namespace remit::simulation
