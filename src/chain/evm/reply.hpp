// What a reply means to whoever only asked.
#pragma once

#include "chain/evm/rpc.hpp"

#include <utility>

namespace remit::evm {

// The node has no such method, or not with these parameters.
bool is_unsupported(const RpcError &error);
// The error of a reply that is no value: Refused when the node refused, Network when it may answer another time.
Error reply_error(const Reply &reply, std::string_view what);

// The value of a reply.
template <class T>
Result<T> take(Reply &reply, std::string_view what) {
    if (T *value = std::get_if<T>(&reply)) return std::move(*value);
    return reply_error(reply, what);
}

// A count, or a gas amount.
inline Result<std::uint64_t> take_u64(Reply &reply, std::string_view what) {
    REMIT_TRY(const u256 value, take<u256>(reply, what));
    if (!value.fits_u64()) return error(Status::network, std::string(what) + ": the number is too large");
    return value.low();
}

// A post that brought no replies is, to whoever only asked, one to be made again.
inline Error post_error(Error &&cause) {
    return error(Status::network, std::move(cause.text));
}

}  // namespace remit::evm
