#include "workload.hpp"

#include <algorithm>

namespace remit::simulation {

namespace {

constexpr const char *kConsumer = "host";

Address receiver(std::uint64_t index) {
    Address out;
    out.bytes[0] = 0xb0;
    for (std::size_t i = 0; i < 8; ++i) out.bytes[19 - i] = static_cast<std::uint8_t>(index >> i * 8);
    return out;
}

// The answers that a host may meet while faults are on; anything else is a finding.
bool excusable(Status status) {
    return status == Status::store || status == Status::store_lost || status == Status::busy ||
           status == Status::broken || status == Status::closed;
}

}  // namespace

Workload::Workload(testing::World &world, std::uint64_t seed, std::size_t count, std::uint64_t confirmations) :
    world_(world), random_(seed), start_utc_(world.clock().utc_us()) {
    facts_.confirmations = confirmations;
    for (std::size_t i = 0; i < count; ++i) facts_.wishes.push_back(make(i));
    for (const Address &token : world_.tokens()) {
        u256 &held = token_start_[token];
        for (const Address &who : world_.signer().addresses())
            held = saturating_add(held, world_.chain().token_balance(token, who));
    }
}

// One in eight is refused by the receiver, one in eight has a deadline, one in eight is to be cancelled.
Wish Workload::make(std::size_t index) {
    Wish wish;
    PayoutRequest &request = wish.request;
    request.tenant = index % 5 == 4 ? "shop" : "";
    request.external_id = "order-" + std::to_string(index);
    request.chain_id = world_.chain().options().chain_id;
    const std::size_t kinds = world_.tokens().size() + 1;
    const std::size_t kind = random_.range(4) == 0 ? random_.range(kinds) : 0;
    const bool native = kind == world_.tokens().size();
    request.token = native ? "native" : to_hex(world_.tokens()[kind]);
    request.amount = u256(1'000'000 + index);  // unique: names the request on the ledger
    request.priority = static_cast<std::int32_t>(random_.range(3));
    const std::uint64_t fate = random_.range(8);
    request.to = to_hex(receiver(fate == 0 ? 1'000 + index : index % 7));
    if (fate == 0) {
        wish.expect = Expect::refused;
        world_.chain().block_recipient(native ? Address{} : world_.tokens()[kind], receiver(1'000 + index));
    } else if (fate == 1) {
        wish.expect = Expect::either;
        request.deadline_us = start_utc_ + random_.between(1, 60) * kMicrosPerSecond;
    } else if (fate == 2) {
        wish.expect = Expect::either;
        wish.cancel = true;
    } else if (fate == 3) {
        request.not_before_us = start_utc_ + random_.between(1, 40) * kMicrosPerSecond;
    } else if (fate == 4) {
        const std::vector<Address> senders = world_.signer().addresses();
        request.from = to_hex(senders[random_.range(senders.size())]);
    }
    return wish;
}

void Workload::ask(std::size_t from, std::size_t count) {
    std::vector<PayoutRequest> requests;
    for (std::size_t i = from; i < from + count; ++i) requests.push_back(facts_.wishes[i].request);
    if (requests.empty()) return;
    Result<std::vector<PayoutAccepted>> accepted = world_.engine().payouts().enqueue(requests);
    if (!world_.power().on) return;
    if (!accepted) {
        if (!excusable(accepted.status())) note("enqueue: " + accepted.error().field + " " + accepted.error().text);
        return;
    }
    if (accepted->size() != count) return note("enqueue answered with another number of payouts");
    for (std::size_t i = 0; i < count; ++i) {
        Wish &wish = facts_.wishes[from + i];
        const PayoutAccepted &got = (*accepted)[i];
        if (!wish.id.empty() && got.id != wish.id) note(wish.request.external_id + ": a repeat got another id");
        if (!wish.id.empty() && got.created) note(wish.request.external_id + ": a repeat made another payout");
        wish.id = got.id;
    }
}

// The same external id with other content must be refused, once it stands.
void Workload::ask_wrongly() {
    Wish &wish = facts_.wishes[random_.range(facts_.wishes.size())];
    if (wish.id.empty()) return;
    PayoutRequest other = wish.request;
    other.amount = u256(7);
    Result<std::vector<PayoutAccepted>> accepted = world_.engine().payouts().enqueue({&other, 1});
    if (accepted.ok())
        note(wish.request.external_id + ": other content was taken under its id");
    else if (accepted.status() != Status::mismatch && !excusable(accepted.status()))
        note("enqueue of other content: " + accepted.error().text);
}

void Workload::cancel_one() {
    std::vector<Wish *> open;
    for (Wish &wish : facts_.wishes)
        if (wish.cancel && !wish.cancelled && !wish.id.empty()) open.push_back(&wish);
    if (open.empty()) return;
    Wish &wish = *open[random_.range(open.size())];
    Result<void> done = world_.engine().payouts().cancel(wish.id, "host", "simulated change of mind");
    if (done.ok() && world_.power().on)
        wish.cancelled = true;
    else if (!done.ok() && done.status() != Status::state && !excusable(done.status()))
        note("cancel: " + done.error().text);
}

// Reads, and acknowledges only sometimes: what is not acknowledged comes again, the same.
void Workload::read_events() {
    Result<std::vector<Event>> events = world_.engine().events().next(kConsumer, 100);
    if (!events) {
        if (!excusable(events.status())) note("events: " + events.error().text);
        return;
    }
    for (const Event &event : *events)
        if (event_ids_.insert(event.id).second) facts_.events.push_back(event);
    if (events->empty() || random_.range(3) == 0) return;
    Result<void> acked = world_.engine().events().ack(kConsumer, events->back().position);
    if (!acked.ok() && !excusable(acked.status())) note("ack: " + acked.error().text);
}

void Workload::step() {
    if (!alive()) return;
    if (next_ < facts_.wishes.size() && random_.range(2) == 0) {
        const std::size_t count = std::min<std::size_t>(1 + random_.range(8), facts_.wishes.size() - next_);
        ask(next_, count);
        if (!alive()) return;
        next_ += count;
    } else if (next_ > 0 && random_.range(3) == 0) {
        const std::size_t from = random_.range(next_);  // repeats, and what failed before
        ask(from, std::min<std::size_t>(1 + random_.range(8), next_ - from));
    }
    if (alive() && random_.range(8) == 0) ask_wrongly();
    if (alive() && random_.range(3) == 0) cancel_one();
    if (alive() && random_.range(2) == 0) read_events();
    if (alive() && random_.range(4) == 0) observe();
}

void Workload::refill() {
    for (const Address &who : world_.signer().addresses()) {
        world_.chain().credit(who, u256(10'000'000'000'000'000'000ULL));
        for (const Address &token : world_.tokens()) {
            const u256 more(1'000'000'000);
            world_.chain().credit_token(token, who, more);
            token_start_[token] = saturating_add(token_start_[token], more);
        }
    }
}

void Workload::ask_all() {
    for (std::size_t i = 0; i < facts_.wishes.size(); ++i)
        if (alive() && facts_.wishes[i].id.empty()) ask(i, 1);
    next_ = facts_.wishes.size();
}

bool Workload::all_accepted() const {
    return std::all_of(facts_.wishes.begin(), facts_.wishes.end(), [](const Wish &wish) { return !wish.id.empty(); });
}

void Workload::see(const Payout &row) {
    const auto first = facts_.first_final.find(row.id);
    if (first != facts_.first_final.end()) {
        if (first->second != row.status) note(row.external_id + ": left its final status");
        return;
    }
    if (row.status < PayoutStatus::completed) return;
    facts_.first_final[row.id] = row.status;
    world_.note("host: " + row.external_id + " is " + payout_state_name(row.state));
    if (row.status != PayoutStatus::completed) return;
    const testing::EvmChain &chain = world_.chain();
    const auto block = row.tx_hash ? chain.mined_in(*row.tx_hash) : std::nullopt;
    if (!block)
        note(row.external_id + ": completed while its transaction is not on the chain");
    else if (chain.head().number + 1 < *block + facts_.confirmations)
        note(row.external_id + ": completed too early");
}

void Workload::observe() {
    PayoutFilter filter;
    facts_.rows.clear();
    do {
        Result<PayoutPage> page = world_.engine().payouts().list(filter);
        if (!page) {
            if (!excusable(page.status())) note("list: " + page.error().text);
            return;
        }
        for (Payout &row : page->payouts) {
            see(row);
            facts_.rows[row.id] = std::move(row);
        }
        filter.after = page->next;
    } while (!filter.after.empty());
}

bool Workload::all_final() {
    if (!alive()) return false;
    Result<PayoutReport> report = world_.engine().payouts().report();
    return report.ok() && report->by_status["pending"] == 0 && report->by_status["sent"] == 0;
}

Facts Workload::facts() {
    observe();
    for (std::size_t before = facts_.events.size() + 1; before != facts_.events.size();) {
        before = facts_.events.size();
        read_events();
        if (facts_.events.empty()) break;
        Result<void> acked = world_.engine().events().ack(kConsumer, facts_.events.back().position);
        if (!acked.ok()) note("ack: " + acked.error().text);
    }
    if (Result<PayoutReport> report = world_.engine().payouts().report(); report) facts_.report = *report;
    if (Result<std::vector<std::string>> audit = world_.engine().payouts().audit(); !audit)
        note("audit: " + audit.error().text);
    else
        for (const std::string &finding : *audit) note("audit: " + finding);

    const testing::EvmChain &chain = world_.chain();
    facts_.transfers = chain.transfers();
    facts_.head = chain.head().number;
    facts_.pooled = chain.pooled().size();
    for (std::uint64_t number = 0; number <= facts_.head; ++number)
        for (const testing::SimReceipt &receipt : chain.block(number)->receipts) {
            const testing::SimTransaction &tx = *chain.transaction(receipt.tx_hash);
            Result<u256> fee = mul(u256(receipt.gas_used), receipt.gas_price);
            facts_.mined[tx.hash] = {tx.from, tx.nonce, receipt.success, number, fee ? *fee : u256()};
        }
    for (const Address &who : world_.signer().addresses()) facts_.chain_nonces[who] = chain.nonce(who);
    for (const Address &token : world_.tokens()) {
        u256 left = token_start_[token];
        for (const Address &who : world_.signer().addresses())
            left = saturating_sub(left, chain.token_balance(token, who));
        facts_.token_spent[token] = left;
    }
    return facts_;
}

}  // namespace remit::simulation
