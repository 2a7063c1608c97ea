#include "engine/schema.hpp"

#include "events/events.hpp"
#include "idempotency/idempotency.hpp"
#include "payouts/payouts.hpp"
#include "signer/keystore/vault.hpp"
#include "wallets/lanes.hpp"

#include <algorithm>

namespace remit::engine {

std::vector<Migration> all_migrations() {
    std::vector<Migration> all;
    for (const auto steps : {events::migrations(), signer::migrations(), wallets::migrations(), payouts::migrations(),
                             idempotency::migrations()})
        all.insert(all.end(), steps.begin(), steps.end());
    std::ranges::sort(all, {}, &Migration::number);
    return all;
}

std::vector<Sql> all_statements() {
    std::vector<Sql> all;
    for (const auto some : {events::statements(), signer::statements(), wallets::statements(), payouts::statements(),
                            idempotency::statements()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

}  // namespace remit::engine
