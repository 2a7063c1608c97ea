// Web3 Secret Storage, version 3: the key file of geth, ethers and most wallets.
#pragma once

#include "crypto/kdf.hpp"

#include <remit/keys.hpp>
#include <remit/port/random.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace remit::signer {

struct V3File {
    Secret key;                      // 32 bytes; a shorter one in the file is taken as a number
    std::optional<Address> address;  // what the file says, unchecked
};

// The password is taken byte for byte, as geth does; ethers takes its NFKC form, which differs for ligatures,
// full-width letters and the like. Derivations wait for each other, in the whole process. WrongKey when the password
// does not open the file. Invalid names what is wrong, as "crypto.kdfparams.n"; costs above 1 GiB are refused before
// any work.
Result<V3File> read_v3(std::string_view json, const Secret &password);

// What was written is read again before it is given out.
Result<std::string> write_v3(const Secret &key, const Address &address, const Secret &password,
                             const crypto::ScryptCost &cost, Random &random);

}  // namespace remit::signer
