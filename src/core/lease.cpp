#include "core/lease.hpp"

namespace remit::core {

TakeVerdict may_take(const Ownership &row, std::string_view self, std::int64_t now_us, std::string_view clock,
                     bool owner_alive) {
    if (row.owner.empty()) return TakeVerdict::free_;
    if (row.owner == self) return TakeVerdict::ours;
    if (!owner_alive) return TakeVerdict::dead_owner;
    if (row.lease_clock != clock || row.lease_until_us <= now_us) return TakeVerdict::lease_over;
    return TakeVerdict::held;
}

bool renewal_due(std::int64_t lease_until_us, std::int64_t now_us, std::int64_t lease_us) {
    return now_us >= lease_until_us - (lease_us - lease_us / 3);
}

}  // namespace remit::core
