// Transactions for these tests, encoded by the product's own encoder: the chain's decoder is another's work.
#pragma once

#include "crypto/abi.hpp"
#include "crypto/transaction.hpp"

#include <remit/testing/evm_chain.hpp>
#include <remit/testing/keys.hpp>

namespace signed_tx {

struct Make {
    remit::testing::SimSigner &signer;
    std::uint64_t chain_id = 31337;

    remit::crypto::TxFields fields(std::uint64_t nonce, const remit::Address &to, const remit::u256 &value) const {
        remit::crypto::TxFields out;
        out.chain_id = chain_id;
        out.nonce = nonce;
        out.gas = 100'000;
        out.max_fee = remit::u256(10'000'000'000);
        out.priority_fee = remit::u256(1'000'000'000);
        out.to = to;
        out.value = value;
        return out;
    }
    remit::crypto::SignedTx sign(const remit::crypto::TxFields &fields, std::size_t key = 0) const {
        const auto signature = signer.sign_now(signer.addresses()[key], remit::crypto::signing_digest(fields));
        return remit::crypto::assemble(fields, *signature);
    }
    remit::crypto::SignedTx coin(std::uint64_t nonce, const remit::Address &to, std::uint64_t value) const {
        return sign(fields(nonce, to, remit::u256(value)));
    }
    remit::crypto::SignedTx token(std::uint64_t nonce, const remit::Address &token, const remit::Address &to,
                                  std::uint64_t amount) const {
        remit::crypto::TxFields out = fields(nonce, token, remit::u256());
        out.data = remit::crypto::abi_transfer(to, remit::u256(amount));
        return sign(out);
    }
};

inline remit::Address address(std::uint8_t last) {
    remit::Address out;
    out.bytes[0] = 0xaa;
    out.bytes[19] = last;
    return out;
}

// A chain with one rich sender and one token, mined by hand.
struct Scene {
    remit::testing::SimClock clock;
    remit::testing::SimSigner signer{1, 2};
    remit::testing::EvmChain chain;
    remit::Address me = signer.addresses()[0];
    remit::Address usd;
    Make make{signer};

    static remit::testing::EvmChainOptions by_hand() {
        remit::testing::EvmChainOptions options;
        options.block_interval_us = 0;
        return options;
    }
    explicit Scene(remit::testing::EvmChainOptions options = by_hand(),
                   remit::testing::TokenKind kind = remit::testing::TokenKind::usdt_like) :
        chain(clock, options), usd(chain.add_token({"USD", 6, kind, {}})) {
        chain.credit(me, remit::u256(1'000'000'000'000'000'000));
        chain.credit_token(usd, me, remit::u256(1'000'000));
    }
};

}  // namespace signed_tx
