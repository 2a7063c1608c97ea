// Arithmetic of the simulated chain: what would overflow is stuck at the most there is.
#pragma once

#include <remit/testing/evm_chain.hpp>

#include <algorithm>

namespace remit::testing {

inline u256 times(const u256 &a, const u256 &b) {
    Result<u256> product = mul(a, b);
    return product ? *product : u256::max();
}
inline u256 over(const u256 &a, const u256 &b) {
    Result<u256> quotient = div(a, b);
    return quotient ? *quotient : u256();
}
// The most that the transaction may take from its sender.
inline u256 cost_of(const SimTransaction &tx) {
    return saturating_add(tx.value, times(u256(tx.gas), tx.max_fee));
}

// Gas for being a transaction with this data at all.
inline std::uint64_t intrinsic_gas(ByteView data) {
    const auto zeros = static_cast<std::uint64_t>(std::count(data.begin(), data.end(), std::uint8_t{0}));
    return 21'000 + zeros * 4 + (data.size() - zeros) * 16;
}

}  // namespace remit::testing
