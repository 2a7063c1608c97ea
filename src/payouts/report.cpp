#include "payouts/report.hpp"

#include "wallets/lanes.hpp"

#include <remit/port/clock.hpp>

#include <algorithm>

namespace remit::payouts {

namespace {

constexpr std::int64_t kLatencySample = 10'000;  // the latest completed payouts
constexpr std::int64_t kStuckMax = 1'000;

PayoutQuantiles quantiles(std::vector<std::int64_t> values) {
    if (values.empty()) return {};
    std::ranges::sort(values);
    std::int64_t sum = 0;
    for (std::int64_t v : values) sum += v;
    const std::size_t n = values.size();
    return {sum / static_cast<std::int64_t>(n), values[n / 2], values[std::min(n - 1, n * 99 / 100)]};
}

std::string why(const Payout &p, const std::vector<Attempt> &attempts, const std::optional<wallets::Lane> &lane) {
    if (!p.doubt.empty()) return p.doubt;
    if (lane && !lane->quarantine.empty()) return "its sender is quarantined: " + lane->quarantine;
    if (lane && lane->ownership.owner.empty()) return "no running process works on its sender";
    if (attempts.empty()) return "its signed bytes are missing";
    const Attempt &latest = attempts.back();
    if (!latest.answer) return "the chain has not mined it yet";
    std::string text = std::string("the node answered ") + send_answer_name(*latest.answer);
    if (!latest.answer_text.empty()) text += ": " + latest.answer_text;
    return text;
}

std::string action(const Payout &p, const std::optional<wallets::Lane> &lane) {
    if (!p.doubt.empty()) return "needs a person: look at the chain, then resolve";
    if (lane && !lane->quarantine.empty()) return "needs a person: look at the chain, then resume the lane";
    if (lane && lane->ownership.owner.empty()) return "start an engine that has the sender's key";
    return "its receipt is asked again and the same bytes are sent again";
}

}  // namespace

Result<PayoutReport> make_report(SqlReader &reader, std::int64_t now_us) {
    PayoutReport report;
    for (int s = 1; s <= 5; ++s) report.by_status[payout_status_name(static_cast<PayoutStatus>(s))] = 0;
    for (int s = 10; s <= 90; s += 10) report.by_state[payout_state_name(static_cast<PayoutState>(s))] = 0;
    REMIT_TRY(const auto counts, rows::count_by_state(reader));
    for (const auto &count : counts) {
        report.by_status[payout_status_name(payout_status(count.state))] += count.count;
        report.by_state[payout_state_name(count.state)] += count.count;
    }
    REMIT_TRY(report.doubtful, rows::count_doubtful(reader));
    REMIT_TRY(report.per_minute, rows::count_completed_since(reader, now_us - 60 * kMicrosPerSecond));
    REMIT_TRY(const auto pairs, rows::latencies(reader, kLatencySample));
    std::vector<std::int64_t> to_sent, to_completed;
    for (const auto &[sent, completed] : pairs) {
        to_sent.push_back(sent);
        to_completed.push_back(completed);
    }
    report.to_sent = quantiles(std::move(to_sent));
    report.to_completed = quantiles(std::move(to_completed));
    REMIT_CHECK(rows::each_fee(reader, [&](std::uint64_t chain_id, const u256 &fee) {
        u256 &sum = report.fees_paid[chain_id];
        sum = saturating_add(sum, fee);
    }));
    REMIT_TRY(const auto oldest, rows::oldest_open(reader));
    if (oldest) report.oldest_open_us = std::max<std::int64_t>(0, now_us - *oldest);
    return report;
}

Result<std::vector<PayoutFinding>> explain_stuck(SqlReader &reader, std::int64_t before_us) {
    std::vector<PayoutFinding> findings;
    REMIT_TRY(const auto stuck, rows::stuck(reader, before_us, kStuckMax));
    for (const Row &row : stuck) {
        REMIT_TRY(const auto attempts, rows::attempts(reader, row.id));
        std::optional<wallets::Lane> lane;
        if (row.payout.sender) {
            REMIT_TRY(lane, wallets::find_lane(reader, row.payout.chain_id, *row.payout.sender));
        }
        findings.push_back({row.payout.id, why(row.payout, attempts, lane), action(row.payout, lane)});
    }
    return findings;
}

}  // namespace remit::payouts
