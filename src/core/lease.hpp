// Owned rows: who works on a row, since which epoch, until when. The rule is here, once; the SQL is in
// port/owned_row. States: free -> held(owner, epoch) -> free; held -> held(other, epoch + 1) when the
// owner is dead, or its lease has run out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace remit::core {

inline constexpr std::int64_t kLeaseDefaultUs = 30'000'000;

struct Ownership {
    std::string owner;       // empty: free
    std::int64_t epoch = 0;  // grows with each taking
    std::int64_t lease_until_us = 0;
    std::string lease_clock;  // lease_until_us is a time of this clock
};

enum class TakeVerdict : std::int32_t { free_, ours, dead_owner, lease_over, held };

// What `self` may do about a row. `owner_alive` is asked only about a foreign owner.
TakeVerdict may_take(const Ownership &row, std::string_view self, std::int64_t now_us, std::string_view clock,
                     bool owner_alive);
// Renewal is due at a third of the lease.
bool renewal_due(std::int64_t lease_until_us, std::int64_t now_us, std::int64_t lease_us);

}  // namespace remit::core
