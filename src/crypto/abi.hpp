// The ABI encoding of the few contract calls that are made, and of the one log that is read.
#pragma once

#include <remit/bytes.hpp>
#include <remit/u256.hpp>

#include <optional>
#include <span>
#include <string>

namespace remit::crypto {

// Call data of the ERC-20 functions.
Bytes abi_transfer(const Address &to, const u256 &amount);
Bytes abi_balance_of(const Address &owner);
Bytes abi_decimals();
Bytes abi_symbol();

// What balanceOf and decimals return: one word. Invalid otherwise.
Result<u256> abi_decode_uint256(ByteView returned, std::string_view field);
// What symbol returns: a string, or the bytes32 of old tokens. Invalid otherwise.
Result<std::string> abi_decode_symbol(ByteView returned, std::string_view field);

// keccak256("Transfer(address,address,uint256)"), the first topic of the log.
const Hash32 &transfer_topic() noexcept;

struct TransferLog {
    Address from;
    Address to;
    u256 amount;
};
// Nothing unless it is an ERC-20 Transfer to the letter: three topics (a token id would be a fourth), 32
// bytes of data, address topics with nothing above the address. The contract's address is the caller's to check.
std::optional<TransferLog> parse_transfer(std::span<const Hash32> topics, ByteView data);

}  // namespace remit::crypto
