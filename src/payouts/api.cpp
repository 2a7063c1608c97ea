// The host's calls on payouts. Any thread.
#include "core/ids.hpp"
#include "core/json.hpp"
#include "crypto/eip55.hpp"
#include "crypto/hash.hpp"
#include "payouts/payouts.hpp"
#include "payouts/report.hpp"
#include "payouts/rows.hpp"
#include "payouts/tell.hpp"
#include "wallets/lanes.hpp"

#include <algorithm>

namespace remit::payouts {

namespace {

constexpr std::size_t kBulkMax = 10'000;

// Length-prefixed, so that no two requests share a form.
class Canonical {
public:
    Canonical &add(ByteView part) {
        add(static_cast<std::int64_t>(part.size()));
        bytes_.insert(bytes_.end(), part.begin(), part.end());
        return *this;
    }
    Canonical &add(std::int64_t number) {
        for (int shift = 56; shift >= 0; shift -= 8)
            bytes_.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> shift));
        return *this;
    }
    Hash32 digest() const { return crypto::sha256(bytes_); }

private:
    Bytes bytes_;
};

std::string id_of(std::string_view tenant, std::string_view external_id) {
    return core::derived_id("po", Canonical().add(view(tenant)).add(view("payout")).add(view(external_id)).digest());
}

Hash32 content_hash(const NewPayout &p) {
    const PayoutRequest &r = *p.request;
    const std::string amount = to_decimal(r.amount);
    Canonical canonical;
    canonical.add(static_cast<std::int64_t>(r.chain_id)).add(p.token).add(p.to).add(view(amount));
    canonical.add(p.from ? ByteView(*p.from) : ByteView());
    canonical.add(r.priority).add(r.not_before_us).add(r.deadline_us);
    return canonical.digest();
}

std::string at(std::size_t index, const char *name) {
    return "[" + std::to_string(index) + "]." + name;
}

class Service final : public Payouts {
public:
    Service(const Ports &ports, const std::vector<ChainConfig> &chains) :
        ports_(ports),
        chains_(chains),
        accepted_(ports.metrics.counter("remit_payouts_accepted_total", "Payouts accepted")),
        repeated_(ports.metrics.counter("remit_payouts_repeated_total", "Payouts enqueued again")) {}

    Result<std::vector<PayoutAccepted>> enqueue(std::span<const PayoutRequest> requests) override;
    void enqueue_async(std::vector<PayoutRequest> requests,
                       std::function<void(Result<std::vector<PayoutAccepted>>)> done) override;
    Result<Payout> get(std::string_view id) override;
    Result<Payout> find(std::string_view tenant, std::string_view external_id) override;
    Result<PayoutPage> list(const PayoutFilter &filter) override;
    Result<void> cancel(std::string_view id, std::string_view actor, std::string_view reason) override;
    Result<void> resolve(std::string_view id, std::string_view actor, std::string_view reason) override;
    Result<void> resume_lane(std::uint64_t chain_id, std::string_view sender, std::string_view actor,
                             std::string_view reason) override;
    Result<std::vector<PayoutFinding>> repair(std::int64_t older_than_ms) override;
    Result<PayoutReport> report() override;
    Result<std::vector<std::string>> audit() override;

private:
    Result<std::vector<NewPayout>> check(std::span<const PayoutRequest> requests) const;
    Result<NewPayout> check_one(const PayoutRequest &request, std::size_t index) const;
    Result<void> accept(SqlTx &tx, std::span<const NewPayout> payouts, std::vector<PayoutAccepted> &out);
    Result<void> look_anew();
    void count(const std::vector<PayoutAccepted> &accepted);
    Result<void> end_by_person(std::string_view id, PayoutState to, std::string_view actor, std::string_view reason);

    Ports ports_;
    const std::vector<ChainConfig> &chains_;
    core::Counter &accepted_;
    core::Counter &repeated_;
};

const TokenConfig *find_token(const ChainConfig &chain, std::string_view name) {
    const std::string_view wanted = name.empty() ? std::string_view("native") : name;
    const auto address = crypto::parse_address(wanted, "token");
    for (const TokenConfig &token : chain.tokens)
        if (token.symbol == wanted || (address && !token.address.is_zero() && token.address == *address)) return &token;
    return nullptr;
}

Result<void> check_times(const PayoutRequest &r, std::size_t index) {
    if (r.priority < -1000 || r.priority > 1000) return invalid(at(index, "priority"), "must be from -1000 to 1000");
    if (r.not_before_us < 0) return invalid(at(index, "not_before_us"), "must not be negative");
    if (r.deadline_us < 0) return invalid(at(index, "deadline_us"), "must not be negative");
    if (r.deadline_us > 0 && r.deadline_us <= r.not_before_us)
        return invalid(at(index, "deadline_us"), "must be after not_before_us");
    return {};
}

Result<NewPayout> Service::check_one(const PayoutRequest &r, std::size_t index) const {
    REMIT_CHECK(core::check_host_text(r.tenant, 0, 255, at(index, "tenant")));
    REMIT_CHECK(core::check_host_text(r.external_id, 1, 255, at(index, "external_id")));
    const auto chain = std::ranges::find(chains_, r.chain_id, &ChainConfig::id);
    if (chain == chains_.end()) return invalid(at(index, "chain_id"), "is not a configured chain");
    const TokenConfig *token = find_token(*chain, r.token);
    if (token == nullptr) return invalid(at(index, "token"), "is not a configured token of chain " + chain->name);
    REMIT_TRY(Address to, crypto::parse_address(r.to, at(index, "to")));
    if (to.is_zero()) return invalid(at(index, "to"), "is the zero address");
    if (!token->address.is_zero() && to == token->address)
        return invalid(at(index, "to"), "is the token contract itself");
    if (std::ranges::find(chain->senders, to) != chain->senders.end())
        return invalid(at(index, "to"), "is one of our own senders");
    if (r.amount.is_zero()) return invalid(at(index, "amount"), "must be at least 1 base unit");
    REMIT_CHECK(check_times(r, index));

    NewPayout p;
    p.request = &r;
    p.token = token->address;
    p.symbol = token->symbol;
    p.decimals = token->decimals;
    p.to = to;
    if (!r.from.empty()) {
        REMIT_TRY(p.from, crypto::parse_address(r.from, at(index, "from")));
        if (!chain->senders.empty() && std::ranges::find(chain->senders, *p.from) == chain->senders.end())
            return invalid(at(index, "from"), "is not a configured sender of chain " + chain->name);
    }
    p.payout_id = id_of(r.tenant, r.external_id);
    p.request_hash = content_hash(p);
    return p;
}

Result<std::vector<NewPayout>> Service::check(std::span<const PayoutRequest> requests) const {
    if (requests.empty()) return invalid("payouts", "is empty");
    if (requests.size() > kBulkMax) return invalid("payouts", "has more than 10000 entries");
    std::vector<NewPayout> payouts;
    payouts.reserve(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        REMIT_TRY(auto payout, check_one(requests[i], i));
        payouts.push_back(std::move(payout));
    }
    return payouts;
}

// A function of a transaction: it may run more than once, so it begins by forgetting.
Result<void> Service::accept(SqlTx &tx, std::span<const NewPayout> payouts, std::vector<PayoutAccepted> &out) {
    out.clear();
    std::vector<events::EventDraft> drafts;
    const std::int64_t now = ports_.clock.utc_us();
    for (std::size_t i = 0; i < payouts.size(); ++i) {
        const NewPayout &p = payouts[i];
        REMIT_TRY(auto there, rows::by_external(tx, p.request->tenant, p.request->external_id));
        if (!there) {
            const Result<void> inserted = rows::insert(tx, p, now);
            if (!inserted && inserted.status() != Status::mismatch) return inserted;
            if (!inserted) {  // where writers are not serial another was first
                REMIT_TRY(there, rows::by_external(tx, p.request->tenant, p.request->external_id));
                if (!there) return inserted;
            }
        }
        if (there && there->request_hash != p.request_hash)
            return Error{Status::mismatch, at(i, "external_id"),
                         "'" + p.request->external_id + "' stands for a payout with other content"};
        if (there) {
            out.push_back({there->payout.id, false});
            continue;
        }
        Payout told;
        told.id = p.payout_id;
        told.tenant = p.request->tenant;
        told.external_id = p.request->external_id;
        told.chain_id = p.request->chain_id;
        told.token = p.symbol;
        told.to = p.to;
        told.amount = p.request->amount;
        drafts.push_back(event_of(told));
        drafts.back().first = true;
        out.push_back({p.payout_id, true});
    }
    return events::append(tx, now, ports_.random, drafts);
}

void Service::count(const std::vector<PayoutAccepted> &accepted) {
    const auto created = std::ranges::count(accepted, true, &PayoutAccepted::created);
    accepted_.add(created);
    repeated_.add(static_cast<std::int64_t>(accepted.size()) - created);
    if (created > 0) ports_.wake();
}

Result<std::vector<PayoutAccepted>> Service::enqueue(std::span<const PayoutRequest> requests) {
    REMIT_TRY(const auto payouts, check(requests));
    std::vector<PayoutAccepted> accepted;
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) { return accept(tx, payouts, accepted); }));
    count(accepted);
    return accepted;
}

void Service::enqueue_async(std::vector<PayoutRequest> requests,
                            std::function<void(Result<std::vector<PayoutAccepted>>)> done) {
    struct Call {
        std::vector<PayoutRequest> requests;
        std::vector<NewPayout> payouts;
        std::vector<PayoutAccepted> accepted;
    };
    auto call = std::make_shared<Call>();
    call->requests = std::move(requests);
    auto checked = check(call->requests);
    if (!checked) return done(std::move(checked).error());
    call->payouts = *std::move(checked);
    ports_.database.submit([this, call](SqlTx &tx) { return accept(tx, call->payouts, call->accepted); },
                           [this, call, done = std::move(done)](Result<void> result) {
                               if (!result) return done(std::move(result).error());
                               count(call->accepted);
                               done(std::move(call->accepted));
                           });
    ports_.wake();
}

Result<Payout> Service::get(std::string_view id) {
    std::optional<Row> row;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(row, rows::by_id(reader, id));
        return {};
    }));
    if (!row) return Error{Status::not_found, "id", "there is no payout '" + std::string(id) + "'"};
    return std::move(row->payout);
}

Result<Payout> Service::find(std::string_view tenant, std::string_view external_id) {
    std::optional<Row> row;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(row, rows::by_external(reader, tenant, external_id));
        return {};
    }));
    if (!row) return Error{Status::not_found, "external_id", "there is no payout '" + std::string(external_id) + "'"};
    return std::move(row->payout);
}

Result<PayoutPage> Service::list(const PayoutFilter &filter) {
    if (filter.limit < 1 || filter.limit > 1000) return invalid("limit", "must be from 1 to 1000");
    std::int64_t after = 0;
    if (!filter.after.empty()) {
        REMIT_TRY(const u256 cursor, u256_from_decimal(filter.after, "after"));
        if (cursor > u256(INT64_MAX)) return invalid("after", "is not a cursor of this list");
        after = static_cast<std::int64_t>(cursor.low());
    }
    std::vector<Row> found;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(found, rows::page(reader, filter, after));
        return {};
    }));
    PayoutPage page;
    if (found.size() == static_cast<std::size_t>(filter.limit)) page.next = std::to_string(found.back().id);
    for (Row &row : found) page.payouts.push_back(std::move(row.payout));
    return page;
}

Result<void> Service::end_by_person(std::string_view id, PayoutState to, std::string_view actor,
                                    std::string_view reason) {
    REMIT_CHECK(core::check_host_text(actor, 1, 255, "actor"));
    REMIT_CHECK(core::check_host_text(reason, to == PayoutState::cancelled ? 0 : 1, 1000, "reason"));
    return ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_TRY(auto row, rows::by_id(tx, id));
        if (!row) return Error{Status::not_found, "id", "there is no payout '" + std::string(id) + "'"};
        Payout &p = row->payout;
        const Step by = to == PayoutState::cancelled ? Step::cancel : Step::replace;
        if (next_state(p.state, by) != to || (by == Step::replace && p.doubt.empty()))
            return Error{
                Status::state, "id",
                std::string("the payout is ") + payout_state_name(p.state) +
                    (by == Step::replace ? ", and not in doubt" : ", and can be cancelled only while accepted")};
        const std::int64_t now = ports_.clock.utc_us();
        REMIT_CHECK(rows::finish(tx, row->id, p.state, to, reason, now));
        p.state = to;
        p.status = payout_status(to);
        p.reason = reason;
        p.doubt.clear();
        const events::EventDraft told[] = {event_of(p, actor)};
        return events::append(tx, now, ports_.random, told);
    });
}

// The lanes' owners, whichever processes they are, read their rows again and ask for every receipt.
Result<void> Service::look_anew() {
    REMIT_CHECK(ports_.database.transact([](SqlTx &tx) { return wallets::nudge_lanes(tx); }));
    ports_.wake();
    return {};
}

Result<void> Service::cancel(std::string_view id, std::string_view actor, std::string_view reason) {
    return end_by_person(id, PayoutState::cancelled, actor, reason);
}

Result<void> Service::resolve(std::string_view id, std::string_view actor, std::string_view reason) {
    REMIT_CHECK(end_by_person(id, PayoutState::replaced, actor, reason));
    return look_anew();
}

Result<void> Service::resume_lane(std::uint64_t chain_id, std::string_view sender, std::string_view actor,
                                  std::string_view reason) {
    REMIT_CHECK(core::check_host_text(actor, 1, 255, "actor"));
    REMIT_CHECK(core::check_host_text(reason, 1, 1000, "reason"));
    REMIT_TRY(const Address who, crypto::parse_address(sender, "sender"));
    REMIT_CHECK(ports_.database.transact([&](SqlTx &tx) -> Result<void> {
        REMIT_CHECK(wallets::resume_lane(tx, chain_id, who));
        core::JsonWriter json;
        json.begin_object().field("chain_id", chain_id).field("sender", crypto::checksum_address(who));
        json.field("actor", actor).field("reason", reason).end_object();
        const events::EventDraft told[] = {
            {"", "lane:" + std::to_string(chain_id) + ":" + to_hex(who), "lane.resumed", 1, json.take()}};
        return events::append(tx, ports_.clock.utc_us(), ports_.random, told);
    }));
    ports_.wake();
    return {};
}

Result<std::vector<std::string>> Service::audit() {
    std::vector<std::string> lines;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(lines, rows::violations(reader));
        return {};
    }));
    return lines;
}

Result<PayoutReport> Service::report() {
    PayoutReport made;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(made, make_report(reader, ports_.clock.utc_us()));
        return {};
    }));
    return made;
}

Result<std::vector<PayoutFinding>> Service::repair(std::int64_t older_than_ms) {
    if (older_than_ms < 0) return invalid("older_than_ms", "must not be negative");
    const std::int64_t before = ports_.clock.utc_us() - older_than_ms * kMicrosPerMs;
    std::vector<PayoutFinding> findings;
    REMIT_CHECK(ports_.database.read([&](SqlReader &reader) -> Result<void> {
        REMIT_TRY(findings, explain_stuck(reader, before));
        return {};
    }));
    if (findings.empty()) return findings;
    REMIT_CHECK(look_anew());
    return findings;
}

}  // namespace

std::unique_ptr<Payouts> make_payouts(const Ports &ports, const std::vector<ChainConfig> &chains) {
    return std::make_unique<Service>(ports, chains);
}

}  // namespace remit::payouts
