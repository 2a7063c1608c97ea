#include "net/curl/authorities.hpp"

#include <fstream>

namespace remit::net {

std::string first_readable(std::span<const char *const> paths) {
    for (const char *path : paths)
        if (std::ifstream file(path); file.is_open() && file.peek() != std::ifstream::traits_type::eof()) return path;
    return {};
}

std::string system_authorities() {
    static constexpr const char *kBundles[] = {
        "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Alpine
        "/etc/pki/tls/certs/ca-bundle.crt",                   // RHEL, Amazon Linux, Fedora
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // newer ones of these
        "/etc/ssl/ca-bundle.pem",                             // SUSE
        "/etc/ssl/cert.pem",                                  // a bare Alpine
    };
    return first_readable(kBundles);
}

}  // namespace remit::net
