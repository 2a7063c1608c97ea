// EIP-55: addresses with a checksum in the case of their letters.
#pragma once

#include <remit/bytes.hpp>

#include <string>
#include <string_view>

namespace remit::crypto {

// 0x and 40 digits in mixed case.
std::string checksum_address(const Address &address);
// 0x and 40 digits. All lower or all upper case is taken; a mixed case must be the right checksum, and the
// error tells which. The zero address is an address: whether to pay it is the caller's to say.
Result<Address> parse_address(std::string_view text, std::string_view field);

}  // namespace remit::crypto
