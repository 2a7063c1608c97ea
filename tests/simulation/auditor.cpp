#include "facts.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace remit::simulation {

namespace {

using Violations = std::vector<std::string>;
// (token, to, amount) names one request: amounts are unique.
using Goods = std::tuple<Address, Address, u256>;

struct Ledger {
    std::map<Goods, std::vector<const testing::SimTransfer *>> by_goods;
    explicit Ledger(const Facts &facts) {
        for (const testing::SimTransfer &moved : facts.transfers)
            if (facts.chain_nonces.contains(moved.from))
                by_goods[{moved.token, moved.to, moved.amount}].push_back(&moved);
    }
};

bool is_final(PayoutStatus status) {
    return status >= PayoutStatus::completed;
}

void judge_paid(const Facts &facts, const Payout &row, const testing::SimTransfer &moved, Violations &out) {
    const std::string who = row.external_id + ": ";
    if (!row.tx_hash || *row.tx_hash != moved.tx_hash)
        out.push_back(who + "completed by another transaction than ours");
    if (!row.sender || *row.sender != moved.from) out.push_back(who + "paid by another sender than recorded");
    if (row.block_number != moved.block_number)
        out.push_back(who + "recorded in block " + std::to_string(row.block_number.value_or(0)) + ", mined in " +
                      std::to_string(moved.block_number));
    if (facts.head + 1 < moved.block_number + facts.confirmations)
        out.push_back(who + "completed before it was deep enough");
    const auto tx = facts.mined.find(moved.tx_hash);
    if (tx == facts.mined.end())
        out.push_back(who + "its transaction is not on the chain");
    else if (row.nonce != tx->second.nonce)
        out.push_back(who + "its nonce differs from the chain's");
    else if (row.fee_paid != tx->second.fee)
        out.push_back(who + "its fee is recorded as " + to_decimal(row.fee_paid) + ", the chain took " +
                      to_decimal(tx->second.fee));
}

void judge_wish(const Facts &facts, const Ledger &ledger, const Wish &wish, Violations &out) {
    const std::string who = wish.request.external_id + ": ";
    const auto at = facts.rows.find(wish.id);
    if (wish.id.empty() || at == facts.rows.end()) {
        out.push_back(who + "accepted and lost");
        return;
    }
    const Payout &row = at->second;
    const auto paid = ledger.by_goods.find({row.token_address, row.to, row.amount});
    const std::size_t times = paid == ledger.by_goods.end() ? 0 : paid->second.size();
    const std::string status = payout_status_name(row.status);
    if (row.external_id != wish.request.external_id || row.amount != wish.request.amount)
        out.push_back(who + "its row is another request's");
    if (times > 1) out.push_back(who + "paid " + std::to_string(times) + " times");
    if (!is_final(row.status)) out.push_back(who + "still " + status + " at the end: " + row.reason + row.doubt);
    if (times > 0 && row.status != PayoutStatus::completed) out.push_back(who + status + " but paid");
    if (times == 0 && row.status == PayoutStatus::completed) out.push_back(who + "completed but not paid");
    if (times == 1 && row.status == PayoutStatus::completed) judge_paid(facts, row, *paid->second.front(), out);
    if (wish.expect == Expect::paid && is_final(row.status) && row.status != PayoutStatus::completed)
        out.push_back(who + status + " though nothing stood against it: " + row.reason);
    if (wish.expect == Expect::refused && is_final(row.status) && row.status != PayoutStatus::failed)
        out.push_back(who + status + " though the receiver is blocked");
    if (wish.cancelled && row.status != PayoutStatus::cancelled)
        out.push_back(who + status + " though its cancellation was confirmed");
    if (row.status == PayoutStatus::cancelled && !wish.cancel) out.push_back(who + "cancelled by nobody");
    if (!row.doubt.empty()) out.push_back(who + "in doubt: " + row.doubt);
    const auto first = facts.first_final.find(wish.id);
    if (first != facts.first_final.end() && first->second != row.status)
        out.push_back(who + "was " + payout_status_name(first->second) + ", became " + status);
}

void judge_nonces(const Facts &facts, Violations &out) {
    std::map<Address, std::set<std::uint64_t>> used;
    for (const auto &[id, row] : facts.rows) {
        if (!row.sender || !row.nonce) continue;
        if (!used[*row.sender].insert(*row.nonce).second)
            out.push_back(row.external_id + ": nonce " + std::to_string(*row.nonce) + " stands for two payouts");
    }
    for (const auto &[sender, next] : facts.chain_nonces) {
        const std::set<std::uint64_t> &nonces = used[sender];
        if (nonces.size() != next || (!nonces.empty() && *nonces.rbegin() + 1 != next))
            out.push_back(to_hex(sender) + ": the chain counts " + std::to_string(next) + " transactions, the rows " +
                          std::to_string(nonces.size()));
    }
    if (facts.pooled != 0) out.push_back(std::to_string(facts.pooled) + " transactions are left in the pool");
}

void judge_balances(const Facts &facts, Violations &out) {
    std::map<Address, u256> sums;
    for (const auto &[id, row] : facts.rows)
        if (row.status == PayoutStatus::completed)
            sums[row.token_address] = saturating_add(sums[row.token_address], row.amount);
    for (const auto &[token, spent] : facts.token_spent)
        if (sums[token] != spent)
            out.push_back("token " + to_hex(token) + ": " + to_decimal(spent) + " left our senders, " +
                          to_decimal(sums[token]) + " are completed");
}

// Each payout's events: in order, complete, each status once, the last one its final status.
void judge_events(const Facts &facts, Violations &out) {
    std::map<std::string, std::vector<const Event *>> by_subject;
    std::int64_t position = 0;
    for (const Event &event : facts.events) {
        if (event.position <= position) out.push_back("event " + event.id + " came out of order");
        position = event.position;
        by_subject[event.subject].push_back(&event);
    }
    for (const auto &[subject, events] : by_subject)
        for (std::size_t i = 0; i < events.size(); ++i)
            if (events[i]->subject_sequence != static_cast<std::int64_t>(i) + 1)
                out.push_back(subject + ": event " + std::to_string(events[i]->subject_sequence) +
                              " is out of sequence");
    for (const auto &[id, row] : facts.rows) {
        const std::vector<const Event *> &events = by_subject[id];
        const std::string who = row.external_id + ": ";
        std::set<std::string> types;
        for (const Event *event : events)
            if (!types.insert(event->type).second && event->type != "payout.unknown")
                out.push_back(who + event->type + " was told twice");
        const std::string last = std::string("payout.") + payout_status_name(row.status);
        if (events.empty() || events.front()->type != "payout.pending")
            out.push_back(who + "its acceptance was not told");
        if (events.empty() || events.back()->type != last) out.push_back(who + "its last event is not " + last);
    }
}

void judge_report(const Facts &facts, Violations &out) {
    std::map<std::string, std::int64_t> counts;
    for (const auto &[id, row] : facts.rows) ++counts[payout_status_name(row.status)];
    for (const auto &[name, count] : facts.report.by_status)
        if (counts[name] != count)
            out.push_back("the report counts " + std::to_string(count) + " " + name + ", the list " +
                          std::to_string(counts[name]));
}

}  // namespace

std::vector<std::string> judge(const Facts &facts) {
    Violations out = facts.noted;
    const Ledger ledger(facts);
    for (const Wish &wish : facts.wishes) judge_wish(facts, ledger, wish, out);
    if (facts.rows.size() != facts.wishes.size())
        out.push_back(std::to_string(facts.rows.size()) + " rows for " + std::to_string(facts.wishes.size()) +
                      " requests");
    std::size_t ours = 0;
    for (const auto &[goods, moves] : ledger.by_goods) ours += moves.size();
    const auto completed = std::count_if(facts.rows.begin(), facts.rows.end(),
                                         [](const auto &row) { return row.second.status == PayoutStatus::completed; });
    if (ours != static_cast<std::size_t>(completed))
        out.push_back(std::to_string(ours) + " transfers for " + std::to_string(completed) + " completed payouts");
    judge_nonces(facts, out);
    judge_balances(facts, out);
    judge_events(facts, out);
    judge_report(facts, out);
    return out;
}

}  // namespace remit::simulation
