// Writes and reads one key file, for tests that compare with other programs.
//   keystore_tool write <key> <password> <n>     the file on standard output
//   keystore_tool read <password>                the file on standard input; key and address on standard output
#include "crypto/ecdsa.hpp"
#include "signer/keystore/v3.hpp"

#include <remit/testing/random.hpp>
#include <remit/u256.hpp>

#include <iostream>
#include <iterator>
#include <string>

using namespace remit;

namespace {

Result<std::string> write_file(char **args) {
    testing::SimRandom random(1);
    REMIT_TRY(const Bytes key, from_hex(args[0], "key"));
    const Secret secret = Secret::from_bytes(key);
    REMIT_TRY(const Address address, crypto::Secp256k1(random).address_of(secret));
    REMIT_TRY(const u256 n, u256_from_decimal(args[2], "n"));
    return signer::write_v3(secret, address, Secret::from_text(args[1]), {n.low(), 8, 1}, random);
}

Result<std::string> read_file(char **args) {
    const std::string json{std::istreambuf_iterator<char>(std::cin), {}};
    REMIT_TRY(const signer::V3File file, signer::read_v3(json, Secret::from_text(args[0])));
    return to_hex(file.key.bytes()) + " " + (file.address ? to_hex(*file.address) : "");
}

}  // namespace

int main(int argc, char **argv) {
    const std::string verb = argc > 1 ? argv[1] : "";
    const bool writes = verb == "write" && argc == 5;
    if (!writes && !(verb == "read" && argc == 3)) return 2;
    const auto result = writes ? write_file(argv + 2) : read_file(argv + 2);
    if (!result.ok()) {
        std::cerr << status_name(result.status()) << " " << result.error().text << "\n";
        return 1;
    }
    std::cout << *result << "\n";
    return 0;
}
