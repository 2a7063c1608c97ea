// Claims at work: those who hold a key, those who wait for one, and those whose commit is in doubt.
#pragma once

#include "idempotency/idempotency.hpp"
#include "idempotency/rows.hpp"

#include <array>
#include <atomic>
#include <map>
#include <mutex>

namespace remit::idempotency {

// What a claim found.
struct Found {
    Verdict verdict = Verdict::running;
    std::shared_ptr<Record> record;  // never null
    std::int64_t retry_ms = 0;
};

// The right to work on a key. Shared by its claim, its calls under way and the keeper.
struct Right {
    std::int64_t row = 0, epoch = 0, lease_us = 0, keep_us = 0, claim_no = 0;
    std::uint64_t place = 0;                // among the keeper's
    std::atomic<std::int64_t> until_us{0};  // boot clock; never later than the row's lease
    std::atomic<bool> fenced{false};
    std::atomic<bool> renewing{false};
    std::atomic<bool> over{false};      // completed or given back
    std::atomic<bool> doubtful{false};  // ... perhaps: the commit of that is in doubt
};

using ClaimDone = std::function<void(Result<std::unique_ptr<Claim>>)>;

// One claim on its way to a verdict.
struct Call {
    ClaimRequest request;
    Ask ask;               // its operation is that of `request`
    std::int64_t row = 0;  // of recover_one: this row, not a key
    std::int64_t lease_us = 0, keep_us = 0;
    std::int64_t wait_until_us = 0;  // boot clock
    bool insert_first = true;
    // What was learnt of an owner outside the transaction.
    std::string seen_owner;
    bool seen_alive = true;
    // Of the latest try.
    std::int64_t tried_us = 0;  // boot clock, before it
    bool conflict = false;
    bool doubtful = false;  // the commit of some try
    std::optional<Found> found;
    std::optional<Found> earlier;  // of a try whose commit is in doubt
    int tries = 0;
    ClaimDone done;  // of one that does not wait
};

class Claims : public std::enable_shared_from_this<Claims> {
public:
    explicit Claims(const Ports &ports);

    // Checks the request and completes it with defaults.
    Result<std::shared_ptr<Call>> prepare(ClaimRequest request);
    Result<std::shared_ptr<Call>> prepare_recovery(ClaimRequest with);
    Result<std::unique_ptr<Claim>> claim(const std::shared_ptr<Call> &call);
    void claim_async(std::shared_ptr<Call> call);

    // Gives back what a claim that ends had; in the background.
    void give_back(const std::shared_ptr<Right> &right);
    void forget(const Right &right);  // the keeper's part in it is over
    void settled(std::string_view tenant, std::string_view space, std::string_view key);  // who waits may look
    Result<void> tell(SqlTx &tx, const Record &record, std::string_view type, std::string_view actor,
                      std::string_view reason);
    Result<void> make_unknown(SqlTx &tx, const Record &record, std::string_view why);
    // Its worker lets go of a key in the record's epoch: free again, or for anybody to take, or in doubt.
    Result<void> drop(SqlTx &tx, const Record &record);

    // The keeper's parts. Each is true when it did something.
    Result<bool> renew();
    Result<bool> answer_waiting();
    Result<bool> sweep();
    Result<bool> sweep_now();
    Result<std::int64_t> purge(std::int64_t limit);
    Result<bool> purge_due();
    Result<bool> settle_doubts();
    std::int64_t next_due_us() const;
    void close(const Error &why);

    const Ports &ports() const { return ports_; }
    void count(Verdict verdict);

private:
    enum class Next { again, finished };
    struct Waiting {
        std::shared_ptr<Call> call;
        std::int64_t look_us = 0;
        std::int64_t nap_us = 0;
    };
    struct Doubt {
        std::int64_t row = 0;  // 0: by its key
        std::string tenant, space, key;
        std::int64_t claim_no = 0;
    };

    rows::Lease lease_of(SqlTx &tx, const Call &call) const;
    Result<void> attempt(SqlTx &tx, Call &call);
    Result<void> act(SqlTx &tx, Call &call, std::shared_ptr<Record> record);
    Result<void> doubt(SqlTx &tx, Found &found);
    Result<bool> look(Call &call);
    void learn_owner(Call &call, const core::Ownership &ownership);
    Next after(Call &call, const Result<void> &tried);
    Result<std::unique_ptr<Claim>> finish(const std::shared_ptr<Call> &call, Result<void> tried);
    void step(std::shared_ptr<Call> call);
    void wait(std::shared_ptr<Call> call);
    bool may_wait(const Call &call) const;
    Result<void> open() const;
    void renew_later(const std::shared_ptr<Right> &right);
    Result<bool> sweep_some(std::span<const std::int64_t> found, const std::vector<std::string> &dead);
    Result<bool> sweep_rows(const std::vector<std::int64_t> &found, const std::vector<std::string> &dead);
    std::unique_ptr<Claim> hold(const std::shared_ptr<Call> &call);

    Ports ports_;
    core::Counter *verdicts_[7] = {};
    core::Counter *mismatches_, *fenced_, *takeovers_, *lost_;

    std::atomic<int> fresh_streak_{0};  // claims in a row whose key was new

    mutable std::mutex mutex_;  // what follows
    std::map<std::uint64_t, std::shared_ptr<Right>> rights_;
    std::uint64_t next_place_ = 1;
    std::vector<Waiting> waiting_;
    std::vector<Doubt> doubts_;
    std::vector<std::shared_ptr<Right>> left_;  // whose giving back did not work yet
    std::int64_t sweep_due_us_ = 0, purge_due_us_ = 0, renew_due_us_ = INT64_MAX, doubt_due_us_ = INT64_MAX;
    std::optional<Error> closed_;
};

// The claim over what a call has found.
std::unique_ptr<Claim> make_claim(const std::shared_ptr<Claims> &claims, ClaimRequest request, Found found,
                                  std::shared_ptr<Right> right);

// Invalid naming the field.
Result<Reply> checked(const Reply &reply);
Verdict verdict_of(const Record &record, std::int64_t utc_us);

}  // namespace remit::idempotency
